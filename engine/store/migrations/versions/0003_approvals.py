"""Added signers, votes, retrieval, extension and start drafts; deputies by date."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def slot_columns() -> list[sa.Column[object]]:
    """Return the new columns of slots."""
    return [
        sa.Column("claimed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("parent_id", types.Id, nullable=True),
        sa.Column("side", sa.String(length=8), nullable=True),
        sa.Column("group_policy", sa.String(length=8), nullable=True),
        sa.Column("added_by", types.Id, nullable=True),
        sa.Column("veto", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("signature", sa.String(length=64), nullable=True),
    ]


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("fanout", sa.Column("indices", types.Json(), nullable=True))
    op.add_column("activation", sa.Column("opened_by", types.Id, nullable=True))
    op.add_column("activation", sa.Column("beyond", types.Json(), nullable=True))
    op.create_index("ix_activation_opened_by", "activation", ["opened_by"], unique=False)
    for column in slot_columns():
        op.add_column("slot", column)
    op.execute("UPDATE slot SET claimed = (1 = 1), position = 0 WHERE position = -1")
    op.create_table(
        "start_draft",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("package_key", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_start_draft"),
    )
    op.create_index("ix_start_draft_person_id_saved_at", "start_draft", ["person_id", "saved_at"], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("deputy_id", types.Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("set_by", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name="fk_absence_deputy_id_person"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_absence_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_deputy_id", "absence", ["deputy_id"], unique=False)
    op.create_index("ix_absence_person_id", "absence", ["person_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("absence")
    op.drop_table("start_draft")
    for column in reversed(slot_columns()):
        op.drop_column("slot", column.name)
    op.drop_index("ix_activation_opened_by", "activation")
    op.drop_column("activation", "beyond")
    op.drop_column("activation", "opened_by")
    op.drop_column("fanout", "indices")
