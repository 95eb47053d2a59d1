"""A finding whose instance the background could not start says why, and waits for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

HELD = sa.text("problem IS NOT NULL")


def upgrade() -> None:
    op.add_column("finding", sa.Column("problem", sa.Text()))
    op.create_index(
        "ix_finding_problem", "finding", ["campaign_id", "number"], sqlite_where=HELD, postgresql_where=HELD
    )


def downgrade() -> None:
    op.drop_index("ix_finding_problem", table_name="finding")
    op.drop_column("finding", "problem")
