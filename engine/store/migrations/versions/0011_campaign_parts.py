"""Scores, ranks, awards, money, counters and registers of campaigns."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_grant",
        sa.Column("award", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_award_grant_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_grant")),
        sa.UniqueConstraint(
            "campaign_id", "award", "period", "subject", name=op.f("uq_award_grant_campaign_id_award_period_subject")
        ),
    )
    op.create_index("ix_award_grant_subject_year", "award_grant", ["subject", "year"], unique=False)
    op.create_table(
        "counter_entry",
        sa.Column("counter", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_by", sa.String(length=80), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("voided_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_counter_entry_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_entry")),
    )
    op.create_index(
        "ix_counter_entry_campaign_id_counter_subject_day",
        "counter_entry",
        ["campaign_id", "counter", "subject", "day"],
        unique=False,
    )
    op.create_table(
        "counter_measure",
        sa.Column("counter", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.Column("until", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_counter_measure_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_measure")),
    )
    op.create_index("ix_counter_measure_counter_subject", "counter_measure", ["counter", "subject"], unique=False)
    op.create_table(
        "money_line",
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("beneficiary", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("pool", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("made_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_money_line_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_line")),
    )
    op.create_index(
        "ix_money_line_campaign_id_code_subject", "money_line", ["campaign_id", "code", "subject"], unique=False
    )
    op.create_table(
        "notice_objection",
        sa.Column("notice_id", types.Id, nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_by", types.Id, nullable=True),
        sa.Column("raised_at", types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_notice_objection_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_objection")),
    )
    op.create_index("ix_notice_objection_notice_id", "notice_objection", ["notice_id"], unique=False)
    op.create_table(
        "public_notice",
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("award", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("rows", types.Json(), nullable=False),
        sa.Column("opens", types.UtcDateTime(), nullable=False),
        sa.Column("closes", types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_public_notice_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
    )
    op.create_index("ix_public_notice_campaign_id", "public_notice", ["campaign_id"], unique=False)
    op.create_table(
        "ranking_row",
        sa.Column("ranking", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("tied", sa.Boolean(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_ranking_row_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_row")),
        sa.UniqueConstraint(
            "campaign_id",
            "ranking",
            "period",
            "subject",
            name=op.f("uq_ranking_row_campaign_id_ranking_period_subject"),
        ),
    )
    op.create_table(
        "register_entry",
        sa.Column("register", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("fields", types.Json(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=True),
        sa.Column("entered_by", types.Id, nullable=True),
        sa.Column("entered_at", types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_register_entry_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("campaign_id", "register", "key", name=op.f("uq_register_entry_campaign_id_register_key")),
    )
    op.create_index("ix_register_entry_campaign_id_key", "register_entry", ["campaign_id", "key"], unique=False)
    op.create_table(
        "register_event",
        sa.Column("frequency", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_register_event_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_event")),
    )
    op.create_index(
        "ix_register_event_campaign_id_frequency_subject_day",
        "register_event",
        ["campaign_id", "frequency", "subject", "day"],
        unique=False,
    )
    op.create_table(
        "score",
        sa.Column("scheme", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("full", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("veto", sa.String(length=80), nullable=False),
        sa.Column("lines", types.Json(), nullable=False),
        sa.Column("computed_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_score_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint(
            "campaign_id", "scheme", "period", "subject", name=op.f("uq_score_campaign_id_scheme_period_subject")
        ),
    )
    op.create_table(
        "score_appeal",
        sa.Column("entry_id", types.Id, nullable=False),
        sa.Column("scheme", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("until", types.UtcDateTime(), nullable=False),
        sa.Column("raised_at", types.UtcDateTime(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_score_appeal_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_appeal")),
    )
    op.create_index("ix_score_appeal_campaign_id_state", "score_appeal", ["campaign_id", "state"], unique=False)
    op.create_table(
        "score_entry",
        sa.Column("scheme", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("entered_by", types.Id, nullable=True),
        sa.Column("entered_at", types.UtcDateTime(), nullable=False),
        sa.Column("voided_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_score_entry_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_entry")),
    )
    op.create_index(
        "ix_score_entry_campaign_id_scheme_subject", "score_entry", ["campaign_id", "scheme", "subject"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_score_entry_campaign_id_scheme_subject", table_name="score_entry")
    op.drop_table("score_entry")
    op.drop_index("ix_score_appeal_campaign_id_state", table_name="score_appeal")
    op.drop_table("score_appeal")
    op.drop_table("score")
    op.drop_index("ix_register_event_campaign_id_frequency_subject_day", table_name="register_event")
    op.drop_table("register_event")
    op.drop_index("ix_register_entry_campaign_id_key", table_name="register_entry")
    op.drop_table("register_entry")
    op.drop_table("ranking_row")
    op.drop_index("ix_public_notice_campaign_id", table_name="public_notice")
    op.drop_table("public_notice")
    op.drop_index("ix_notice_objection_notice_id", table_name="notice_objection")
    op.drop_table("notice_objection")
    op.drop_index("ix_money_line_campaign_id_code_subject", table_name="money_line")
    op.drop_table("money_line")
    op.drop_index("ix_counter_measure_counter_subject", table_name="counter_measure")
    op.drop_table("counter_measure")
    op.drop_index("ix_counter_entry_campaign_id_counter_subject_day", table_name="counter_entry")
    op.drop_table("counter_entry")
    op.drop_index("ix_award_grant_subject_year", table_name="award_grant")
    op.drop_table("award_grant")
