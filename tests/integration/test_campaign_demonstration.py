"""The demonstration is made by real operations and shows a campaign with life in it."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import select

from engine.clock import FakeClock
from engine.instances.models import Incident
from engine.store import Database
from workflows.application import assemble
from workflows.campaigns.board import board
from workflows.campaigns.models import Campaign, CampaignStatus
from workflows.demonstration import load_demonstration
from workflows.demonstration.load import demonstration_loaded
from workflows.findings.models import Finding, FindingSource


def test_demonstration_shows_done_late_and_every_state_of_a_finding(sqlite_database: Database) -> None:
    engine = assemble(sqlite_database, clock=FakeClock(datetime(2026, 8, 1, tzinfo=UTC)))
    load_demonstration(engine)
    load_demonstration(engine)
    assert demonstration_loaded(engine)
    with engine.db.read() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.status == CampaignStatus.RUNNING
        assert session.scalars(select(Incident)).all() == []
        assert campaign.initiator_id is not None
        seen = board(session, engine, campaign.id, campaign.initiator_id)
        findings = session.scalars(select(Finding)).all()
    cards = {card.code: card for card in seen.phases}
    assert (seen.day, seen.days) == (11, 30)
    assert (cards["selfcheck"].done, cards["selfcheck"].late) == (11, 1)
    assert [row.unit_name for row in seen.rows if row.late] == ["二病区"]
    assert Counter(one.state for one in findings) == {"open": 6, "rectifying": 4, "verifying": 1, "closed": 2}
    assert sum(one.returned_count for one in findings) == 1
    assert sum(one.source == FindingSource.SPOT_CHECK for one in findings) == 1
    assert all(one.evidence_before and one.evidence_after for one in findings if one.state == "closed")
