"""Messages between instances: subscriptions, early messages, receipts, starts, errands; rows of data stores."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANCE = sa.table(
    "instance",
    sa.column("id", types.Id),
    sa.column("snapshot", sa.LargeBinary()),
    sa.column("status", sa.String()),
    sa.column("ended_at", types.UtcDateTime()),
    sa.column("next_due", types.UtcDateTime()),
)
WORK = sa.table(
    "work",
    sa.column("id", types.Id),
    sa.column("instance_id", types.Id),
    sa.column("kind", sa.String()),
    sa.column("payload", types.Json()),
    sa.column("due", types.UtcDateTime()),
    sa.column("attempt", sa.Integer()),
    sa.column("created_at", types.UtcDateTime()),
)
ERRAND = sa.table(
    "errand",
    sa.column("id", types.Id),
    sa.column("kind", sa.String()),
    sa.column("payload", types.Json()),
    sa.column("due", types.UtcDateTime()),
    sa.column("created_at", types.UtcDateTime()),
)
VERSION = sa.table("package_version", sa.column("id", types.Id), sa.column("live", sa.Boolean()))
WAITS = (b'"wait":"message"', b'"wait":"receive"', b'"wait":"signal"')


def upgrade() -> None:
    op.create_table(
        "data_store_row",
        sa.Column("store", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("written_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store", "key", name="pk_data_store_row"),
    )
    op.create_table(
        "early_message",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("correlation", types.Json(), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("sender_id", types.Id, nullable=True),
        sa.Column("conversation_id", types.Id, nullable=True),
        sa.Column("target", types.Json(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_early_message"),
    )
    op.create_index("ix_early_message_expires_at", "early_message", ["expires_at"], unique=False)
    op.create_index("ix_early_message_name_created_at", "early_message", ["name", "created_at"], unique=False)
    op.create_table(
        "early_message_key",
        sa.Column("early_message_id", types.Id, nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["early_message_id"], ["early_message.id"], name="fk_early_message_key_early_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("early_message_id", "correlation_key", name="pk_early_message_key"),
    )
    op.create_index(
        "ix_early_message_key_name_correlation_key", "early_message_key", ["name", "correlation_key"], unique=False
    )
    op.create_table(
        "errand",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_errand"),
    )
    op.create_index("ix_errand_due", "errand", ["due"], unique=False)
    op.create_index("ix_errand_subject", "errand", ["subject"], unique=False)
    op.create_table(
        "keyed_start",
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.PrimaryKeyConstraint("process_id", "name", "correlation_key", name="pk_keyed_start"),
    )
    op.create_table(
        "message_receipt",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("outcome", types.Json(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "message_id", name="pk_message_receipt"),
    )
    op.create_index("ix_message_receipt_expires_at", "message_receipt", ["expires_at"], unique=False)
    op.create_table(
        "start_trigger",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("package_key", sa.String(length=80), nullable=False),
        sa.Column("version_id", types.Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["package_version.id"], name="fk_start_trigger_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_start_trigger"),
    )
    op.create_index("ix_start_trigger_kind_name", "start_trigger", ["kind", "name"], unique=False)
    op.create_index("ix_start_trigger_package_key", "start_trigger", ["package_key"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=True),
        sa.Column("key_name", sa.String(length=200), nullable=True),
        sa.Column("business_key", sa.String(length=200), nullable=True),
        sa.Column("scope", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_subscription_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_instance_id_token", "subscription", ["instance_id", "token"], unique=False)
    op.create_index(
        "ix_subscription_name_correlation_key_business_key",
        "subscription",
        ["name", "correlation_key", "business_key"],
        unique=False,
    )
    op.create_index("ix_subscription_name_instance_id", "subscription", ["name", "instance_id"], unique=False)
    op.add_column("instance", sa.Column("conversation_id", types.Id, nullable=True))
    op.create_index("ix_instance_conversation_id", "instance", ["conversation_id"], unique=False)
    take_over()


def take_over() -> None:
    """Let the background subscribe open instances to what they wait for, and register the starts of live versions."""
    connection, now = op.get_bind(), datetime.now(UTC)
    open_ones = sa.select(INSTANCE.c.id, INSTANCE.c.snapshot).where(INSTANCE.c.ended_at.is_(None))
    for row in connection.execute(open_ones).all():
        if not any(kind in row.snapshot for kind in WAITS):
            continue
        connection.execute(
            WORK.insert().values(
                id=types.new_id(),
                instance_id=row.id,
                kind="resubscribe",
                payload={},
                due=now,
                attempt=0,
                created_at=now,
            )
        )
        due = INSTANCE.update().where(INSTANCE.c.id == row.id, INSTANCE.c.status != "suspended")
        connection.execute(due.values(next_due=now))
    for number in connection.scalars(sa.select(VERSION.c.id).where(VERSION.c.live)).all():
        connection.execute(
            ERRAND.insert().values(
                id=types.new_id(), kind="register-starts", payload={"version_id": number}, due=now, created_at=now
            )
        )


def downgrade() -> None:
    op.drop_index("ix_instance_conversation_id", table_name="instance")
    op.drop_column("instance", "conversation_id")
    for table in (
        "subscription",
        "start_trigger",
        "message_receipt",
        "keyed_start",
        "errand",
        "early_message_key",
        "early_message",
        "data_store_row",
    ):
        op.drop_table(table)
