"""Visits of elements, batches of operations, and the number of open incidents on the instance's row."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instance", sa.Column("open_incidents", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute(
        "UPDATE instance SET open_incidents = (SELECT count(*) FROM incident "
        "WHERE incident.instance_id = instance.id AND incident.status = 'open')"
    )
    op.create_table(
        "batch",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("parameters", types.Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", types.Id, nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_index("ix_batch_created_at", "batch", ["created_at"], unique=False)
    op.create_table(
        "batch_member",
        sa.Column("batch_id", types.Id, nullable=False),
        sa.Column("subject_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_member_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "subject_id", name="pk_batch_member"),
    )
    op.create_index("ix_batch_member_batch_id_state", "batch_member", ["batch_id", "state"], unique=False)
    op.create_table(
        "visit",
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("version_id", types.Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("lasted", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_visit_instance_id"),
        sa.PrimaryKeyConstraint("instance_id", "token", name="pk_visit"),
    )
    op.create_index(
        "ix_visit_version_id_process_id_element_id",
        "visit",
        ["version_id", "process_id", "element_id", "withdrawn", "lasted"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("visit")
    op.drop_table("batch_member")
    op.drop_table("batch")
    op.drop_column("instance", "open_incidents")
