"""Indexes for the operators' lists: by time, by parent, by version, and those with an open incident."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text("open_incidents > 0")
    op.create_index("ix_instance_created_at", "instance", ["created_at", "id"])
    op.create_index("ix_instance_parent_id_status", "instance", ["parent_id", "status"])
    columns = ["package_version_id", "created_at", "id", "ended_at"]
    op.create_index("ix_instance_package_version_id_created_at", "instance", columns)
    op.create_index(
        "ix_instance_open_incidents", "instance", ["created_at", "id"], sqlite_where=failed, postgresql_where=failed
    )


def downgrade() -> None:
    op.drop_index("ix_instance_open_incidents", table_name="instance")
    op.drop_index("ix_instance_package_version_id_created_at", table_name="instance")
    op.drop_index("ix_instance_parent_id_status", table_name="instance")
    op.drop_index("ix_instance_created_at", table_name="instance")
