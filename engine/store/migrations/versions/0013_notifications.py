"""Notifications by e-mail, webhooks and robots; errands that call the outside."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("errand", sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("errand", sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_errand_due", table_name="errand")
    op.create_index("ix_errand_outside_due", "errand", ["outside", "due"], unique=False)
    op.create_table(
        "notification_channel",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("last_sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notification_channel"),
    )
    op.create_index("ix_notification_channel_person_id", "notification_channel", ["person_id"], unique=False)
    op.create_table(
        "notification_preference",
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("choices", types.Json(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("urgent_passes", sa.Boolean(), nullable=False),
        sa.Column("working_days_only", sa.Boolean(), nullable=False),
        sa.Column("digest_at", sa.Integer(), nullable=False),
        sa.Column("digest_day", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_notification_preference"),
    )
    op.create_table(
        "notification_delivery",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("channel_id", types.Id, nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("slot_id", types.Id, nullable=True),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("digest_id", types.Id, nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["notification_channel.id"],
            name="fk_notification_delivery_channel_id_notification_channel", ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notification_delivery"),
        sa.UniqueConstraint("source", "channel_id", name="uq_notification_delivery_source_channel_id"),
    )  # fmt: skip
    for columns in (["channel_id", "state"], ["state", "created_at"], ["digest_id"]):
        name = f"ix_notification_delivery_{'_'.join(columns)}"
        op.create_index(name, "notification_delivery", columns, unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("notification_delivery")
    op.drop_table("notification_preference")
    op.drop_table("notification_channel")
    op.drop_index("ix_errand_outside_due", table_name="errand")
    op.create_index("ix_errand_due", "errand", ["due"], unique=False)
    op.drop_column("errand", "attempt")
    op.drop_column("errand", "outside")
