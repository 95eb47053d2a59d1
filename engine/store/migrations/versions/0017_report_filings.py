"""Reports that are expected and filed; plans of units."""

import sqlalchemy as sa
from alembic import op

from engine.store import Id, Json, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_filing",
        sa.Column("id", Id, nullable=False),
        sa.Column("campaign_id", Id, nullable=False),
        sa.Column("report", sa.String(80), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("unit_id", Id),
        sa.Column("due", UtcDateTime()),
        sa.Column("filed_at", UtcDateTime()),
        sa.Column("filed_by", Id),
        sa.Column("figures", Json(), nullable=False),
        sa.Column("instance_id", Id),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "report", "period", "unit_id"),
    )
    op.create_index("ix_report_filing_unit_id", "report_filing", ["campaign_id", "unit_id"])
    op.create_table(
        "unit_plan",
        sa.Column("campaign_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("superior_id", Id),
        sa.Column("days", Json(), nullable=False),
        sa.Column("targets", Json(), nullable=False),
        sa.Column("measures", sa.String(5000), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by", Id),
        sa.Column("approved_at", UtcDateTime()),
        sa.Column("instance_id", Id),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("campaign_id", "unit_id"),
    )


def downgrade() -> None:
    op.drop_table("unit_plan")
    op.drop_index("ix_report_filing_unit_id", table_name="report_filing")
    op.drop_table("report_filing")
