"""Cases of a campaign: processes of its package that somebody starts while it runs (an application, a report, …)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.instances.start import Start, start_in
from engine.messages.errors import AmbiguousMessage
from engine.ports import Home
from engine.runtime import Engine
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignStatus
from workflows.campaigns.schedule import campaign_days
from workflows.plans.phases import date_variables

OPEN = (CampaignStatus.DRAFT, CampaignStatus.RUNNING)


def campaign_variables(campaign: Campaign) -> dict[str, Any]:
    """Return what every process of a campaign may know: launch parameters, days, title."""
    return {
        **campaign.parameters,
        **date_variables(campaign.plan, campaign_days(campaign)),
        "year": campaign.year,
        "campaign_title": campaign.title,
        "campaign_id": campaign.id,
    }


def start_case(
    engine: Engine,
    *,
    campaign_id: int,
    process_id: str,
    initiator_id: int,
    title: str = "",
    unit_id: int | None = None,
    variables: Mapping[str, Any] | None = None,
) -> int:
    """Start a process of a campaign's package in the campaign; returns the instance's id.

    Raises
    ------
    NotFound
        There is no such campaign or process.
    NotAllowed
        The campaign is over.
    InvalidInput
        A person may not start this process.

    """
    with engine.db.write() as session:
        # Held until the commit: days that move meanwhile reach instances that are there.
        campaign = session.get(Campaign, campaign_id, with_for_update={"read": True})
        if campaign is None:
            raise NotFound(say("没有这次专项行动"))
        if campaign.status not in OPEN:
            raise NotAllowed(say("专项行动已经结束，不能再发起"))
        declared = {one["code"]: one for one in campaign.plan["processes"]}
        if process_id in declared and declared[process_id]["starts"] != "person":
            raise InvalidInput(
                say("“{name}”不由人发起", name=declared[process_id]["name"]), {"process": say("不由人发起")}
            )
        version = engine.packages.live(session, campaign.package_key)
        name = engine.packages.get(session, version.id).process(process_id)[1].name or process_id
        start = Start(
            version_id=version.id,
            process_id=process_id,
            variables={**campaign_variables(campaign), **(variables or {})},
            title=title or f"{campaign.title} · {name}",
            initiator_id=initiator_id,
            unit_id=unit_id,
            root_id=campaign.instance_id,
        )
        started = start_in(engine, session, start).id
    engine.bell.ring()
    return started


class CampaignHomes:
    """Puts a case that a message starts (``starts: message``) into the running campaign of its package."""

    def of_start(self, session: Session, package_key: str, process_id: str, brought: Mapping[str, Any]) -> Home | None:
        """Return the one running campaign, or the one that the message names by ``campaign_id``; None without one."""
        running = select(Campaign).where(Campaign.package_key == package_key, Campaign.status.in_(OPEN))
        found = [one for one in session.scalars(running.order_by(Campaign.id)) if _starts_by_message(one, process_id)]
        named = brought.get("campaign_id")
        if named is not None:
            found = [one for one in found if str(one.id) == str(named)]
        if len(found) > 1:
            raise AmbiguousMessage(
                "同时有几次专项行动在进行，消息须用 campaign_id 写明是哪一次"
                " / Several campaigns are running: name one by campaign_id"
            )
        return Home(found[0].instance_id, campaign_variables(found[0])) if found else None


def _starts_by_message(campaign: Campaign, process_id: str) -> bool:
    return any(one["code"] == process_id and one["starts"] == "message" for one in campaign.plan["processes"])
