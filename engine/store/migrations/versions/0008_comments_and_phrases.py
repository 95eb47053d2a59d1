"""Comments that call people, carry files and can be changed for some minutes; opinion phrases."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("comment", sa.Column("edited_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("comment", sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "comment_mention",
        sa.Column("comment_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_comment_mention_comment_id_comment"),
        sa.PrimaryKeyConstraint("comment_id", "person_id", name="pk_comment_mention"),
    )
    op.create_table(
        "comment_file",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("comment_id", types.Id, nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_comment_file_comment_id_comment"),
        sa.PrimaryKeyConstraint("id", name="pk_comment_file"),
    )
    op.create_index("ix_comment_file_comment_id", "comment_file", ["comment_id"], unique=False)
    op.create_index("ix_comment_file_digest", "comment_file", ["digest"], unique=False)
    op.create_table(
        "phrase",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=True),
        sa.Column("use", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phrase"),
    )
    op.create_index("ix_phrase_person_id_position", "phrase", ["person_id", "position"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_table("phrase")
    op.drop_table("comment_file")
    op.drop_table("comment_mention")
    op.drop_column("comment", "deleted_at")
    op.drop_column("comment", "edited_at")
