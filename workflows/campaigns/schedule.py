"""A campaign's days: what the plan, the launch and later decisions make of them."""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from workflows.campaigns.models import Campaign, Phase, UnitPhase
from workflows.organisation.tree import LOCAL
from workflows.plans.dates import Days
from workflows.plans.phases import plan_days


def campaign_days(campaign: Campaign) -> Days:
    """Return the days of a campaign as they are now."""
    moved = {name: date.fromisoformat(day) for name, day in campaign.moved.items()}
    return plan_days(
        campaign.plan,
        campaign.year,
        launched=campaign.created_at.astimezone(LOCAL).date(),
        parameters=campaign.parameters,
        moved=moved,
    )


def write_days(session: Session, campaign: Campaign, days: Days) -> None:
    """Write the days into the campaign's phases and the due times of its matrix, where they differ."""
    calendar = WorkingCalendar()
    for phase in session.scalars(select(Phase).where(Phase.campaign_id == campaign.id)):
        starts, ends = days.day(f"{phase.code}.starts"), days.day(f"{phase.code}.ends")
        if (phase.starts, phase.ends) == (starts, ends):
            continue
        phase.starts, phase.ends = starts, ends
        session.execute(
            update(UnitPhase)
            .where(UnitPhase.campaign_id == campaign.id, UnitPhase.phase_code == phase.code)
            .values(due=None if ends is None else calendar.end_of_day(ends)),
            execution_options={"synchronize_session": False},
        )
    session.flush()
