"""Closed units, hours by season, kinds of groups and the units beside them, lines about changes, uploaded imports."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit", sa.Column("seasons", types.Json(), nullable=True))
    op.add_column("unit", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("unit", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("post", sa.Column("duty", sa.String(length=12), nullable=False, server_default=sa.text("''")))
    op.add_column("person_group", sa.Column("kind", sa.String(length=12), nullable=False, server_default="working"))
    op.create_table(
        "group_unit",
        sa.Column("group_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["person_group.id"], name="fk_group_unit_group_id_person_group", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_group_unit_unit_id_unit"),
        sa.PrimaryKeyConstraint("group_id", "unit_id", "role", name="pk_group_unit"),
    )
    op.create_index("ix_group_unit_unit_id", "group_unit", ["unit_id"])
    op.create_table(
        "organisation_change",
        sa.Column("sequence", types.Id, nullable=False, autoincrement=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", types.Id, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("operation", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("detail", types.Json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_organisation_change"),
    )
    op.create_index("ix_organisation_change_subject_key", "organisation_change", ["subject", "key"])
    op.create_table(
        "organisation_import",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("actor_id", types.Id, nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("remove", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="fk_organisation_import_actor_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_import"),
    )
    op.create_index("ix_organisation_import_uploaded_at", "organisation_import", ["uploaded_at"])


def downgrade() -> None:
    op.drop_table("organisation_import")
    op.drop_table("organisation_change")
    op.drop_table("group_unit")
    op.drop_column("person_group", "kind")
    op.drop_column("post", "duty")
    for column in ("position", "active", "seasons"):
        op.drop_column("unit", column)
