"""Open slots know their root and whether they are paused, so that boxes are read off indexes in their order."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IN_ORDER = ["state", "paused", "due", "opened_at", "id"]


def upgrade() -> None:
    """Add the columns, fill them from the instances, and replace the index of owners."""
    op.add_column("slot", sa.Column("root_id", types.Id, nullable=True))
    op.add_column("slot", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE slot SET root_id = (SELECT root_id FROM instance WHERE instance.id = slot.instance_id)")
    op.execute(
        "UPDATE slot SET paused = (1 = 1) WHERE closed_at IS NULL"
        " AND instance_id IN (SELECT id FROM instance WHERE status = 'suspended')"
    )
    with op.batch_alter_table("slot") as slot:
        slot.alter_column("root_id", existing_type=types.Id, nullable=False)
    op.drop_index("ix_slot_owner_id_state_due", table_name="slot")
    op.create_index("ix_slot_owner_id", "slot", ["owner_id", *IN_ORDER, "read_at"])
    op.create_index("ix_slot_root_id", "slot", ["root_id", *IN_ORDER])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_slot_root_id", table_name="slot")
    op.drop_index("ix_slot_owner_id", table_name="slot")
    op.create_index("ix_slot_owner_id_state_due", "slot", ["owner_id", "state", "due"])
    op.drop_column("slot", "paused")
    op.drop_column("slot", "root_id")
