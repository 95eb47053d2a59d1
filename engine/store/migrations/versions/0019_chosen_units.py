"""The units that were ticked when a campaign was launched."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("chosen_units", types.Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign", "chosen_units")
