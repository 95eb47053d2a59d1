"""Sentences that the system makes keep what they were made of, so their columns have no length."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LENGTHS = {"copy": ("note", 500), "notice": ("title", 300), "notification_delivery": ("title", 400)}


def upgrade() -> None:
    """Take the lengths away."""
    for table, (column, length) in LENGTHS.items():
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(length), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    """Keep the Chinese text within the old lengths."""
    for table, (column, length) in LENGTHS.items():
        text: sa.ColumnClause[str] = sa.column(column)
        op.execute(sa.update(sa.table(table, text)).values({column: sa.func.substr(text, 1, length)}))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.Text(), type_=sa.String(length), existing_nullable=False)
