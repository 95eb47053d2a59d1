"""What papers say, and the signatures and seals on them."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_mark",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("document_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("marked_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_mark_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_mark")),
        sa.UniqueConstraint(
            "document_id", "kind", "person_id", name=op.f("uq_document_mark_document_id_kind_person_id")
        ),
    )
    op.add_column("document", sa.Column("writing", types.Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("document", "writing")
    op.drop_table("document_mark")
