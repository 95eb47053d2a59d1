"""Views of the inbox that people keep."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    chosen = sa.text("is_default")
    op.create_table(
        "saved_view",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("filters", types.Json, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_view_person_id_name"),
    )
    op.create_index(
        "uq_saved_view_default", "saved_view", ["person_id"], unique=True, sqlite_where=chosen,
        postgresql_where=chosen,
    )  # fmt: skip


def downgrade() -> None:
    """Take it away."""
    op.drop_index("uq_saved_view_default", table_name="saved_view")
    op.drop_table("saved_view")
