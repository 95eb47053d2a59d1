"""The designer: packages, drafts and their history, remarks, reviews, dry runs."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "designed_package",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_id", types.Id, nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("drafted", sa.Boolean(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_designed_package")),
    )
    op.create_table(
        "designer_presence",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("tab", sa.String(length=40), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("since", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "tab", name=op.f("pk_designer_presence")),
    )
    op.create_table(
        "designer_remark",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("thread_id", types.Id, nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("author_id", types.Id, nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", types.Id, nullable=True),
        sa.Column("resolved_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designer_remark")),
    )
    op.create_index("ix_designer_remark_key", "designer_remark", ["key"], unique=False)
    op.create_table(
        "designer_sandbox",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("archive", sa.LargeBinary(), nullable=False),
        sa.Column("setup", types.Json(), nullable=False),
        sa.Column("steps", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("touched_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designer_sandbox")),
    )
    op.create_index("ix_designer_sandbox_person_id", "designer_sandbox", ["person_id"], unique=False)
    op.create_table(
        "package_review",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("requested_by", types.Id, nullable=False),
        sa.Column("reviewer_id", types.Id, nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_review")),
    )
    op.create_index("ix_package_review_key_state", "package_review", ["key", "state"], unique=False)
    op.create_table(
        "scenario_replay",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("result", types.Json(), nullable=False),
        sa.Column("played_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", "path", name=op.f("pk_scenario_replay")),
    )
    op.create_table(
        "draft_file",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("broken", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["designed_package.key"], name=op.f("fk_draft_file_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "path", "version", name=op.f("pk_draft_file")),
    )
    op.create_index("ix_draft_file_key_version", "draft_file", ["key", "version"], unique=False)
    op.create_table(
        "draft_revision",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("saved_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("saved_by", types.Id, nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"], ["designed_package.key"], name=op.f("fk_draft_revision_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_draft_revision")),
    )


def downgrade() -> None:
    op.drop_table("draft_revision")
    op.drop_index("ix_draft_file_key_version", table_name="draft_file")
    op.drop_table("draft_file")
    op.drop_table("scenario_replay")
    op.drop_index("ix_package_review_key_state", table_name="package_review")
    op.drop_table("package_review")
    op.drop_index("ix_designer_sandbox_person_id", table_name="designer_sandbox")
    op.drop_table("designer_sandbox")
    op.drop_index("ix_designer_remark_key", table_name="designer_remark")
    op.drop_table("designer_remark")
    op.drop_table("designer_presence")
    op.drop_table("designed_package")
