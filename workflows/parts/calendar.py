"""The periods of a campaign: calendar ones, and the school terms that its plan names."""

from datetime import datetime

from workflows.campaigns.models import Campaign
from workflows.organisation.tree import LOCAL
from workflows.parts.periods import Every, Periods
from workflows.parts.sections import Day, code, loaded, part_section
from workflows.plans.shapes import Strict


class TermSchema(Strict):
    """A school term (学期) by its code: first and last day."""

    code = code()
    starts = Day(required=True)
    ends = Day(required=True)


def periods_of(campaign: Campaign) -> Periods:
    """Return the campaign's periods."""
    terms = loaded(TermSchema, campaign.plan.get("terms"), campaign.parameters)
    return Periods({one["code"]: (one["starts"], one["ends"]) for one in terms})


def current_period(campaign: Campaign, at: datetime, every: str) -> str:
    """Return the name of the period that an instant lies in."""
    return periods_of(campaign).of(at.astimezone(LOCAL).date(), Every(every))


TERMS = part_section("terms", TermSchema)
