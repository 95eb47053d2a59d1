"""When each version of a package became the live one, also again; remarks on packages call people and lead to them."""

import sqlalchemy as sa
from alembic import op

from engine.store import Id, Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", Id, nullable=False),
        sa.Column("version_id", Id, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", Id),
        sa.ForeignKeyConstraint(
            ["version_id"], ["package_version.id"], name="fk_publication_version_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("ix_publication_version_id", "publication", ["version_id"])
    op.execute(
        "INSERT INTO publication (id, version_id, again, note, published_at, published_by) "
        "SELECT id, id, false, note, published_at, published_by FROM package_version"
    )
    op.add_column("designer_remark", sa.Column("mentions", Json, nullable=False, server_default="[]"))
    op.add_column("notice", sa.Column("path", sa.String(300), nullable=False, server_default=""))
    # The defaults are for the rows that were there; new ones bring their own.
    with op.batch_alter_table("designer_remark") as batch:
        batch.alter_column("mentions", existing_type=Json(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("path", existing_type=sa.String(300), existing_nullable=False, server_default=None)


def downgrade() -> None:
    op.drop_column("notice", "path")
    op.drop_column("designer_remark", "mentions")
    op.drop_index("ix_publication_version_id", table_name="publication")
    op.drop_table("publication")
