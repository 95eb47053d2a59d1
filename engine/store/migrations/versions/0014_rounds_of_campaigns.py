"""Findings on their way, inspections, targets, rosters, checklists, polls, pledges, attendance."""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("meeting", sa.String(length=120), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("proof", types.Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_attendance_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "campaign_id", "meeting", "subject", name=op.f("uq_attendance_campaign_id_meeting_subject")
        ),
    )
    op.create_table(
        "ballot",
        sa.Column("poll", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("voters", sa.String(length=80), nullable=False),
        sa.Column("voter", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("cast_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_ballot_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint(
            "campaign_id",
            "poll",
            "subject",
            "voter",
            "question",
            name=op.f("uq_ballot_campaign_id_poll_subject_voter_question"),
        ),
    )
    op.create_table(
        "checklist_result",
        sa.Column("checklist", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("instance_id", types.Id, nullable=False),
        sa.Column("checked_by", types.Id, nullable=True),
        sa.Column("checked_at", types.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_checklist_result_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_result")),
    )
    op.create_index(
        "ix_checklist_result_campaign_id_checklist_subject",
        "checklist_result",
        ["campaign_id", "checklist", "subject", "day"],
        unique=False,
    )
    op.create_table(
        "duty",
        sa.Column("roster", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("starts", types.UtcDateTime(), nullable=False),
        sa.Column("ends", types.UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", types.UtcDateTime(), nullable=True),
        sa.Column("swapped_from", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_duty_campaign_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint(
            "campaign_id",
            "roster",
            "day",
            "shift",
            "position",
            name=op.f("uq_duty_campaign_id_roster_day_shift_position"),
        ),
    )
    op.create_index("ix_duty_person_id_day", "duty", ["person_id", "day"], unique=False)
    op.create_table(
        "inspection",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("unit_id", types.Id, nullable=False),
        sa.Column("team", types.Json(), nullable=False),
        sa.Column("excluded", types.Json(), nullable=False),
        sa.Column("short", sa.Boolean(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("starts", types.UtcDateTime(), nullable=False),
        sa.Column("ends", types.UtcDateTime(), nullable=True),
        sa.Column("planned_at", types.UtcDateTime(), nullable=False),
        sa.Column("done_at", types.UtcDateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_inspection_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index("ix_inspection_campaign_id_unit_id", "inspection", ["campaign_id", "unit_id"], unique=False)
    op.create_table(
        "pledge",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", types.Id, nullable=True),
        sa.Column("made_at", types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("reviewed_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_pledge_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index("ix_pledge_campaign_id_subject", "pledge", ["campaign_id", "subject"], unique=False)
    op.create_table(
        "target_value",
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("goal", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("actual", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("verified", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", types.Json(), nullable=False),
        sa.Column("reported_by", types.Id, nullable=True),
        sa.Column("reported_at", types.UtcDateTime(), nullable=True),
        sa.Column("verified_by", types.Id, nullable=True),
        sa.Column("verified_at", types.UtcDateTime(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", types.Id, nullable=True),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("campaign_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_target_value_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_value")),
        sa.UniqueConstraint(
            "campaign_id", "target", "period", "subject", name=op.f("uq_target_value_campaign_id_target_period_subject")
        ),
    )
    op.add_column("finding", sa.Column("limit_set_at", types.UtcDateTime(), nullable=True))
    op.add_column("finding", sa.Column("extended_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("finding", sa.Column("urged_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "finding", sa.Column("found_rank", sa.String(length=40), server_default=sa.text("('')"), nullable=False)
    )
    op.add_column("finding", sa.Column("liable", types.Json(), nullable=True))
    op.add_column(
        "finding", sa.Column("escalation", sa.String(length=40), server_default=sa.text("('')"), nullable=False)
    )
    op.add_column("finding", sa.Column("escalated_at", types.UtcDateTime(), nullable=True))
    op.add_column("finding", sa.Column("recheck_due", types.UtcDateTime(), nullable=True))
    op.add_column("finding", sa.Column("rechecked_at", types.UtcDateTime(), nullable=True))
    op.add_column("finding", sa.Column("recurrence_of", types.Id, nullable=True))


def downgrade() -> None:
    op.drop_column("finding", "recurrence_of")
    op.drop_column("finding", "rechecked_at")
    op.drop_column("finding", "recheck_due")
    op.drop_column("finding", "escalated_at")
    op.drop_column("finding", "escalation")
    op.drop_column("finding", "liable")
    op.drop_column("finding", "found_rank")
    op.drop_column("finding", "urged_count")
    op.drop_column("finding", "extended_count")
    op.drop_column("finding", "limit_set_at")
    op.drop_table("target_value")
    op.drop_index("ix_pledge_campaign_id_subject", table_name="pledge")
    op.drop_table("pledge")
    op.drop_index("ix_inspection_campaign_id_unit_id", table_name="inspection")
    op.drop_table("inspection")
    op.drop_index("ix_duty_person_id_day", table_name="duty")
    op.drop_table("duty")
    op.drop_index("ix_checklist_result_campaign_id_checklist_subject", table_name="checklist_result")
    op.drop_table("checklist_result")
    op.drop_table("ballot")
    op.drop_table("attendance")
