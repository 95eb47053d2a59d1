"""Every table of the first release."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES_FROM_LEAF_TO_ROOT = (
    "submission",
    "slot_candidate",
    "slot",
    "rating",
    "finding",
    "draw",
    "draft",
    "document",
    "campaign_unit_phase",
    "campaign_unit",
    "campaign_phase",
    "attachment",
    "work",
    "incident",
    "fanout",
    "copy",
    "comment",
    "campaign",
    "activation",
    "web_session",
    "package_file",
    "instance",
    "holding",
    "group_member",
    "unit",
    "setting",
    "post",
    "person_group",
    "person",
    "package_version",
    "notice",
    "idempotency_key",
    "history_line",
    "attachment_content",
)


def upgrade() -> None:
    op.create_table(
        "attachment_content",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_attachment_content"),
    )
    op.create_table(
        "history_line",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("actor_id", types.Id, nullable=True),
        sa.Column("principal_id", types.Id, nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("from_state", sa.String(length=80), nullable=True),
        sa.Column("to_state", sa.String(length=80), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("detail", types.Json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history_line"),
        sa.UniqueConstraint("instance_id", "sequence", name="uq_history_line_instance_id_sequence"),
    )
    op.create_index("ix_history_line_at", "history_line", ["at"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("actor_id", types.Id, nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("response", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "actor_id", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("slot_id", types.Id, nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_instance_id", "notice", ["instance_id"], unique=False)
    op.create_index("ix_notice_person_id_read_at", "notice", ["person_id", "read_at"], unique=False)
    op.create_table(
        "package_version",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("main_process", sa.String(length=200), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("published_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_by", types.Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_package_version"),
        sa.UniqueConstraint("key", "version", name="uq_package_version_key_version"),
    )
    op.create_index("ix_package_version_key_live", "package_version", ["key", "live"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login"),
    )
    op.create_table(
        "person_group",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", types.Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person_group"),
        sa.UniqueConstraint("code", "campaign_id", name="uq_person_group_code_campaign_id"),
    )
    op.create_table(
        "post",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("code", name="uq_post_code"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_setting"),
    )
    op.create_table(
        "unit",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", types.Id, nullable=True),
        sa.Column("calendar", types.Json(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name="fk_unit_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("code", name="uq_unit_code"),
    )
    op.create_index("ix_unit_kind", "unit", ["kind"], unique=False)
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)
    op.create_table(
        "group_member",
        sa.Column("group_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["person_group.id"], name="fk_group_member_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_group_member_person_id"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name="pk_group_member"),
    )
    op.create_index("ix_group_member_person_id", "group_member", ["person_id"], unique=False)
    op.create_table(
        "holding",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("post_id", types.Id, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_holding_person_id"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_holding_post_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_holding_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_holding"),
        sa.UniqueConstraint(
            "person_id", "unit_id", "post_id", "valid_from", name="uq_holding_person_id_unit_id_post_id_valid_from"
        ),
    )
    op.create_index("ix_holding_unit_id_post_id", "holding", ["unit_id", "post_id"], unique=False)
    op.create_table(
        "instance",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("package_version_id", types.Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("root_id", types.Id, nullable=False),
        sa.Column("parent_id", types.Id, nullable=True),
        sa.Column("parent_token", sa.String(length=80), nullable=True),
        sa.Column("fanout_id", types.Id, nullable=True),
        sa.Column("item_index", sa.Integer(), nullable=True),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("initiator_id", types.Id, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_due", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("variables", types.Json(), nullable=False),
        sa.Column("rounds", types.Json(), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("history_sequence", sa.Integer(), nullable=False),
        sa.Column("history_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["package_version_id"], ["package_version.id"], name="fk_instance_package_version_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["instance.id"], name="fk_instance_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
    )
    op.create_index("ix_instance_fanout_status", "instance", ["fanout_id", "status"], unique=False)
    op.create_index("ix_instance_initiator_id_created_at", "instance", ["initiator_id", "created_at"], unique=False)
    op.create_index("ix_instance_next_due", "instance", ["next_due"], unique=False)
    op.create_index("ix_instance_root_id", "instance", ["root_id"], unique=False)
    op.create_table(
        "package_file",
        sa.Column("version_id", types.Id, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["package_version.id"], name="fk_package_file_version_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "path", name="pk_package_file"),
    )
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_web_session_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="pk_web_session"),
    )
    op.create_index("ix_web_session_expires_at", "web_session", ["expires_at"], unique=False)
    op.create_index("ix_web_session_person_id", "web_session", ["person_id"], unique=False)
    op.create_table(
        "activation",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("policy", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=True),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("scope", types.Json(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("warn_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("return_to", types.Id, nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_activation_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activation"),
        sa.UniqueConstraint("instance_id", "token", name="uq_activation_instance_id_token"),
    )
    op.create_index("ix_activation_instance_id_element_id", "activation", ["instance_id", "element_id"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("package_key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("parameters", types.Json(), nullable=False),
        sa.Column("plan", types.Json(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("initiator_id", types.Id, nullable=True),
        sa.Column("findings_numbered", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_campaign_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("instance_id", name="uq_campaign_instance_id"),
    )
    op.create_table(
        "comment",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_comment_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
    )
    op.create_index("ix_comment_instance_id", "comment", ["instance_id"], unique=False)
    op.create_table(
        "copy",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("activation_id", types.Id, nullable=True),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("sender_id", types.Id, nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_copy_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_copy"),
    )
    op.create_index("ix_copy_instance_id", "copy", ["instance_id"], unique=False)
    op.create_index("ix_copy_person_id_read_at", "copy", ["person_id", "read_at"], unique=False)
    op.create_table(
        "fanout",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("called", sa.String(length=200), nullable=False),
        sa.Column("items", types.Json(), nullable=True),
        sa.Column("item_name", sa.String(length=100), nullable=True),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("completion_condition", sa.Text(), nullable=True),
        sa.Column("sequential", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("spawned", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_fanout_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fanout"),
    )
    op.create_index("ix_fanout_instance_id", "fanout", ["instance_id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("token", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("work_kind", sa.String(length=40), nullable=True),
        sa.Column("work_payload", types.Json(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_incident_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_instance_id", "incident", ["instance_id"], unique=False)
    op.create_index("ix_incident_status_code", "incident", ["status", "code"], unique=False)
    op.create_table(
        "work",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=80), nullable=True),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_work_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
    )
    op.create_index("ix_work_instance_id_due", "work", ["instance_id", "due"], unique=False)
    op.create_index("ix_work_instance_id_token", "work", ["instance_id", "token"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("activation_id", types.Id, nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", types.Id, nullable=False),
        sa.Column("uploaded_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("submission_id", types.Id, nullable=True),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name="fk_attachment_activation_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_attachment_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index("ix_attachment_activation_id_field", "attachment", ["activation_id", "field"], unique=False)
    op.create_index("ix_attachment_digest", "attachment", ["digest"], unique=False)
    op.create_index("ix_attachment_instance_id", "attachment", ["instance_id"], unique=False)
    op.create_table(
        "campaign_phase",
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_phase_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "code", name="pk_campaign_phase"),
    )
    op.create_table(
        "campaign_unit",
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.Column("score", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("award", sa.String(length=20), nullable=True),
        sa.Column("reasons", types.Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_unit_campaign_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_campaign_unit_unit_id"),
        sa.PrimaryKeyConstraint("campaign_id", "unit_id", name="pk_campaign_unit"),
    )
    op.create_index("ix_campaign_unit_unit_id", "campaign_unit", ["unit_id"], unique=False)
    op.create_table(
        "campaign_unit_phase",
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("phase_code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_unit_phase_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "unit_id", "phase_code", name="pk_campaign_unit_phase"),
    )
    op.create_table(
        "document",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("rows", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_document_campaign_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_campaign_id_kind", "document", ["campaign_id", "kind"], unique=False)
    op.create_table(
        "draft",
        sa.Column("activation_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name="fk_draft_activation_id"),
        sa.PrimaryKeyConstraint("activation_id", "person_id", name="pk_draft"),
    )
    op.create_table(
        "draw",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("strata", types.Json(), nullable=False),
        sa.Column("drawn_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_draw_campaign_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_draw"),
    )
    op.create_index("ix_draw_campaign_id", "draw", ["campaign_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("origin_instance_id", types.Id, nullable=False),
        sa.Column("origin_element", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("owner_id", types.Id, nullable=True),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("returned_count", sa.Integer(), nullable=False),
        sa.Column("evidence_before", types.Json(), nullable=False),
        sa.Column("evidence_after", types.Json(), nullable=False),
        sa.Column("found_by", types.Id, nullable=True),
        sa.Column("found_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_finding_campaign_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_finding_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.UniqueConstraint("campaign_id", "number", name="uq_finding_campaign_id_number"),
    )
    op.create_index(
        "ix_finding_campaign_id_unit_id_state", "finding", ["campaign_id", "unit_id", "state"], unique=False
    )
    op.create_index("ix_finding_instance_id", "finding", ["instance_id"], unique=False)
    op.create_index("ix_finding_origin_instance_id", "finding", ["origin_instance_id"], unique=False)
    op.create_table(
        "rating",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("submission_id", types.Id, nullable=False),
        sa.Column("group_code", sa.String(length=80), nullable=False),
        sa.Column("grade", sa.String(length=12), nullable=False),
        sa.Column("points", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rated_by", types.Id, nullable=False),
        sa.Column("rated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_rating_campaign_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_rating_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rating"),
    )
    op.create_index("ix_rating_campaign_id_unit_id", "rating", ["campaign_id", "unit_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("activation_id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("owner_id", types.Id, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("found_by", sa.String(length=300), nullable=False),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(length=200), nullable=True),
        sa.Column("actor_id", types.Id, nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("urges", sa.Integer(), nullable=False),
        sa.Column("urged_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name="fk_slot_activation_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_slot_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
    )
    op.create_index("ix_slot_activation_id", "slot", ["activation_id"], unique=False)
    op.create_index("ix_slot_instance_id_state", "slot", ["instance_id", "state"], unique=False)
    op.create_index("ix_slot_owner_id_closed_at", "slot", ["owner_id", "closed_at"], unique=False)
    op.create_index("ix_slot_owner_id_state_due", "slot", ["owner_id", "state", "due"], unique=False)
    op.create_table(
        "slot_candidate",
        sa.Column("slot_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_slot_candidate_slot_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", "person_id", name="pk_slot_candidate"),
    )
    op.create_index("ix_slot_candidate_person_id", "slot_candidate", ["person_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("activation_id", types.Id, nullable=False),
        sa.Column("slot_id", types.Id, nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=True),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("submitted_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name="fk_submission_activation_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name="fk_submission_instance_id"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_submission_slot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
    )
    op.create_index("ix_submission_instance_id", "submission", ["instance_id"], unique=False)


def downgrade() -> None:
    for table in TABLES_FROM_LEAF_TO_ROOT:
        op.drop_table(table)
