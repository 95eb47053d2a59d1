"""Proposals to move a phase of a campaign."""

import sqlalchemy as sa
from alembic import op

from engine.store import Id, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_phase_move",
        sa.Column("id", Id, nullable=False),
        sa.Column("campaign_id", Id, nullable=False),
        sa.Column("phase_code", sa.String(40), nullable=False),
        sa.Column("starts", sa.Date()),
        sa.Column("ends", sa.Date()),
        sa.Column("old_starts", sa.Date()),
        sa.Column("old_ends", sa.Date()),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("proposed_by", Id, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", Id),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("opinion", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_campaign_phase_move_campaign_id", "campaign_phase_move", ["campaign_id", "phase_code"])


def downgrade() -> None:
    op.drop_index("ix_campaign_phase_move_campaign_id", table_name="campaign_phase_move")
    op.drop_table("campaign_phase_move")
