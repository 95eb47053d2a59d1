"""The pages of one campaign among many are read off indexes: PostgreSQL's own plans say so."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, text

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from tests.support.databases import PostgresFactory
from tests.support.explaining import plans_of
from workflows.application import assemble
from workflows.campaigns.board import BoardFilters, board
from workflows.campaigns.models import Campaign, CampaignUnit, Phase, UnitPhase
from workflows.findings.ledger import LedgerFilters, counts, ledger
from workflows.findings.models import Finding
from workflows.organisation.models import Person, Unit
from workflows.plans.schema import read_plan

NOW = datetime(2026, 9, 14, 1, tzinfo=UTC)
OFFICE, SEEN = 1, 3
CAMPAIGNS, UNITS, FINDINGS = range(1, 21), range(1, 101), range(1, 301)
PHASES = ("study", "rectify", "rate")
BIG_TABLES = "finding|campaign_unit|campaign_unit_phase|instance"


@pytest.fixture(scope="module")
def engine(postgres_factory: PostgresFactory) -> Iterator[Engine]:
    database = Database(postgres_factory.create())
    with database.write() as session:
        for model, rows in _rows().items():
            session.execute(insert(model), rows)
    with database.sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    yield assemble(database, clock=FakeClock(NOW))
    database.close()
    postgres_factory.discard(database.url)


def _rows() -> dict[type, list[dict[str, Any]]]:
    plan = read_plan({"name": "行动", "phases": [{"code": code, "name": code} for code in PHASES]})
    version = {"id": 1, "key": "p", "version": 1, "name": "p", "digest": "d", "main_process": "p", "published_at": NOW}
    blank = {"snapshot": b"", "variables": {}, "rounds": {}, "created_at": NOW}
    return {
        PackageVersion: [version],
        Person: [{"id": OFFICE, "login": "office", "name": "办公室", "is_administrator": True}],
        Unit: [{"id": n, "code": f"u{n}", "name": f"单位{n}", "kind": "clinical"} for n in UNITS],
        Instance: [
            {"id": n, "package_version_id": 1, "process_id": "p", "title": "行动", "root_id": n, **blank}
            for n in CAMPAIGNS
        ],
        Campaign: [
            {
                "id": n, "instance_id": n, "package_key": "p", "title": "行动", "year": 2026, "parameters": {},
                "plan": plan, "created_at": NOW,
            }
            for n in CAMPAIGNS
        ],
        Phase: [
            {"campaign_id": n, "code": code, "name": code, "position": place}
            for n in CAMPAIGNS
            for place, code in enumerate(PHASES)
        ],
        CampaignUnit: [
            {"campaign_id": n, "unit_id": unit, "kind": "clinical", "position": unit}
            for n in CAMPAIGNS
            for unit in UNITS
        ],
        UnitPhase: [
            {"campaign_id": n, "unit_id": unit, "phase_code": code, "due": NOW}
            for n in CAMPAIGNS
            for unit in UNITS
            for code in PHASES
        ],
        Finding: [
            {
                "number": number, "campaign_id": n, "unit_id": 1 + number % len(UNITS), "origin_instance_id": n,
                "origin_element": "e", "text": "问题", "found_at": NOW, "due": NOW,
            }
            for n in CAMPAIGNS
            for number in FINDINGS
        ],
    }  # fmt: skip


def _board(engine: Engine, filters: BoardFilters) -> Callable[[], object]:
    def act() -> None:
        with engine.db.read() as session:
            assert board(session, engine, SEEN, OFFICE, filters).total == len(UNITS)

    return act


def _ledger(engine: Engine) -> None:
    with engine.db.read() as session:
        page = ledger(session, SEEN, OFFICE, LedgerFilters(limit=100, offset=100), at=NOW)
        assert [row.number for row in page] == list(range(101, 201))
        assert counts(session, SEEN, OFFICE, at=NOW).total == len(FINDINGS)


@pytest.mark.parametrize("filters", [BoardFilters(limit=20), BoardFilters(limit=20, offset=60, search="单位")])
def test_a_page_of_the_board_reads_no_other_campaign(engine: Engine, filters: BoardFilters) -> None:
    _none_reads_a_whole_table(engine, _board(engine, filters))


def test_a_page_of_the_ledger_reads_no_other_campaign(engine: Engine) -> None:
    _none_reads_a_whole_table(engine, lambda: _ledger(engine))


def _none_reads_a_whole_table(engine: Engine, act: Callable[[], object]) -> None:
    plans = plans_of(engine.db, act)
    assert plans
    assert [plan for plan in plans if re.search(rf"Seq Scan on ({BIG_TABLES})\b", plan)] == []
