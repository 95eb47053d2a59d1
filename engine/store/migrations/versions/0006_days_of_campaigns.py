"""Days of a phase may be open; a campaign remembers days that were decided after its launch."""

import sqlalchemy as sa
from alembic import op

from engine.store import Json, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("moved", Json(), nullable=False, server_default="{}"))
    with op.batch_alter_table("campaign") as table:
        table.alter_column("moved", server_default=None)
    with op.batch_alter_table("campaign_phase") as table:
        table.alter_column("starts", existing_type=sa.Date(), nullable=True)
        table.alter_column("ends", existing_type=sa.Date(), nullable=True)
    with op.batch_alter_table("campaign_unit_phase") as table:
        table.alter_column("due", existing_type=UtcDateTime(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("campaign_unit_phase") as table:
        table.alter_column("due", existing_type=UtcDateTime(), nullable=False)
    with op.batch_alter_table("campaign_phase") as table:
        table.alter_column("ends", existing_type=sa.Date(), nullable=False)
        table.alter_column("starts", existing_type=sa.Date(), nullable=False)
    with op.batch_alter_table("campaign") as table:
        table.drop_column("moved")
