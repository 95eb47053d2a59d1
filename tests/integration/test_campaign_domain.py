"""The campaign domain on its tables, on both databases: people, board, ledger, scores, documents."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from docx import Document as WordFile
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput, NotFound
from engine.instances.models import Instance
from engine.ports import AssignmentContext
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Activation
from workflows.application import assemble
from workflows.campaigns.board import BoardFilters, board
from workflows.campaigns.launch import prepare
from workflows.campaigns.listener import CampaignListener
from workflows.campaigns.models import Campaign, CampaignUnit, Phase, UnitPhase
from workflows.demonstration import PASSWORD, create_organisation
from workflows.documents.service import Lines, make_circular, make_results
from workflows.evaluation.models import Rating
from workflows.evaluation.service import by_lines, collect, decide_awards, standings
from workflows.findings.ledger import LedgerFilters, counts, ledger, ledger_workbook
from workflows.findings.models import Finding, FindingState
from workflows.findings.service import move_finding
from workflows.organisation.models import Group, Person, Post, Unit
from workflows.organisation.passwords import authenticate
from workflows.plans.phases import phase_dates
from workflows.plans.schema import read_plan
from workflows.sampling.draw import Quota
from workflows.sampling.service import draw_sample

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
PLAN = {
    "name": "查对督查",
    "phases": [
        {"code": "study", "name": "学习", "starts": "--09-05", "ends": "--09-12"},
        {"code": "rectify", "name": "整改", "starts": "--09-13", "ends": "--09-27"},
    ],
    "units": {"kinds": ["clinical", "pharmacy", "technology", "nursing"]},
    "groups": [{"code": "medical", "rates": ["clinical"]}, {"code": "nursing", "rates": ["nursing"]}],
    "items": [{"code": "5", "name": "医嘱执行制度"}],
}


@pytest.fixture
def engine(database: Database) -> Engine:
    return assemble(database, clock=FakeClock(AT))


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.db.write() as opened:
        create_organisation(opened)
        yield opened


@pytest.fixture
def campaign(session: Session) -> Campaign:
    version = PackageVersion(
        key="p", version=1, name="p", digest="0" * 64, main_process="p", published_at=AT, published_by=None
    )
    session.add(version)
    session.flush()
    root = _instance(session, version.id)
    made = Campaign(
        instance_id=root.id,
        package_key="p",
        title="2026年查对督查",
        year=2026,
        parameters={},
        plan=read_plan(PLAN),
        initiator_id=_person(session, "office"),
        created_at=AT,
    )
    session.add(made)
    session.flush()
    session.add_all(
        Phase(
            campaign_id=made.id,
            code=one.code,
            name=one.name,
            name_en="",
            starts=one.starts,
            ends=one.ends,
            position=position,
        )
        for position, one in enumerate(phase_dates(made.plan, 2026))
    )
    session.flush()
    prepare(session, made)
    return made


def _instance(session: Session, version_id: int, **values: Any) -> Instance:
    instance = Instance(
        package_version_id=version_id,
        process_id="p",
        title="t",
        root_id=0,
        snapshot=b"",
        variables={},
        rounds={},
        created_at=AT,
        **values,
    )
    session.add(instance)
    session.flush()
    instance.root_id = instance.root_id or instance.id
    session.flush()
    return instance


def _person(session: Session, login: str) -> int:
    return session.scalars(select(Person.id).where(Person.login == login)).one()


def _unit(session: Session, code: str) -> int:
    return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def _find(engine: Engine, session: Session, rule: str, *, unit: str | None = None, root_id: int = 0) -> list[str]:
    context = AssignmentContext(AT, 0, root_id, _unit(session, unit) if unit else None, _person(session, "office"), {})
    ids = engine.people.find(session, rule, context)
    return [session.get_one(Person, one).login for one in ids]


def test_rules_find_people_through_posts_and_groups(engine: Engine, session: Session) -> None:
    assert _find(engine, session, "post(director) | post(head-nurse)", unit="internal") == [
        "internal-director",
        "internal-nurse",
    ]
    assert _find(engine, session, "post(officer, nursing-department)") == ["nursing-officer"]
    assert len(_find(engine, session, "group(leading, deputy)")) == 4
    assert _find(engine, session, "initiator|person(office)|person(nobody)") == ["office"]


def test_a_lane_is_called_after_a_post_or_a_group(engine: Engine, session: Session) -> None:
    context = AssignmentContext(AT, 0, 0, _unit(session, "internal"), None, {})
    in_role = partial(engine.people.in_role, session, context=context)
    director = session.scalars(select(Post).where(Post.code == "director")).one()
    expected = [_person(session, "internal-director")]
    assert in_role("director") == in_role(director.name) == expected
    leading = session.scalars(select(Group.name).where(Group.code == "leading", Group.campaign_id.is_(None))).one()
    assert in_role(leading) == engine.people.find(session, "group(leading)", context)
    assert in_role("nobody is called so") == []


def test_overdue_task_escalates_to_the_unit_above(engine: Engine, session: Session) -> None:
    leader = engine.people.leader_of(session, _person(session, "ward-two-nurse"), AT)
    assert leader == _person(session, "nursing-director")
    assert engine.people.leader_of(session, _person(session, "medical-officer"), AT) == _person(
        session, "medical-affairs"
    )


def test_sign_in_knows_the_password_and_nobody_else(session: Session) -> None:
    found = authenticate(session, login="head", password=PASSWORD)
    assert found is not None
    assert found.login == "head"
    assert authenticate(session, login="head", password="wrong") is None
    assert authenticate(session, login="nobody", password=PASSWORD) is None


def test_board_costs_the_same_for_any_number_of_units(engine: Engine, session: Session, campaign: Campaign) -> None:
    viewer = _person(session, "head")
    few = _statements(session, lambda: board(session, engine, campaign.id, viewer))
    for number in range(100):
        unit = Unit(code=f"extra-{number}", name=f"科室{number}", kind="clinical", parent_id=None)
        session.add(unit)
    session.flush()
    prepare(session, campaign)
    assert len(board(session, engine, campaign.id, viewer).rows) == 112
    assert _statements(session, lambda: board(session, engine, campaign.id, viewer)) <= few <= 9


def test_a_page_of_the_board_counts_all_units_and_reads_its_own(
    engine: Engine, session: Session, campaign: Campaign
) -> None:
    viewer = _person(session, "head")
    whole = board(session, engine, campaign.id, viewer)
    page = board(session, engine, campaign.id, viewer, BoardFilters(limit=5, offset=10))
    assert page.rows == whole.rows[10:15]
    assert (page.total, page.kinds, page.phases) == (whole.total, whole.kinds, whole.phases)
    assert whole.kinds == tuple(sorted({row.kind for row in whole.rows}))
    clinical = board(session, engine, campaign.id, viewer, BoardFilters(kind="clinical", limit=1))
    assert clinical.total == sum(row.kind == "clinical" for row in whole.rows) > len(clinical.rows) == 1
    assert board(session, engine, campaign.id, viewer, BoardFilters(late=True)).total == 12
    assert [row.unit_name for row in board(session, engine, campaign.id, viewer, BoardFilters(search="内科")).rows] == [
        row.unit_name for row in whole.rows if "内科" in row.unit_name
    ]
    assert board(session, engine, campaign.id, viewer, BoardFilters(limit=0)).rows == ()


def _statements(session: Session, act: Any) -> int:
    seen: list[str] = []
    connection = session.connection()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return len(seen)


def test_listener_moves_a_cell_with_one_statement(engine: Engine, session: Session, campaign: Campaign) -> None:
    unit_id = _unit(session, "internal")
    child = Instance(root_id=campaign.instance_id, parent_id=campaign.instance_id, unit_id=unit_id, variables={})
    activation = Activation(settings={"phase": "study"}, closed_at=AT)
    listener = CampaignListener()
    assert _statements(session, lambda: listener.activation_opened(session, child, activation)) == 1
    assert _cell(session, campaign, unit_id) == ("doing", 0)
    listener.activation_opened(session, child, activation)
    assert _statements(session, lambda: listener.activation_closed(session, child, activation)) == 1
    assert _cell(session, campaign, unit_id) == ("doing", 50)
    listener.activation_closed(session, child, activation)
    assert _cell(session, campaign, unit_id) == ("done", 100)


def _cell(session: Session, campaign: Campaign, unit_id: int) -> tuple[str, int]:
    row = session.execute(
        select(UnitPhase.state, UnitPhase.percent).where(
            UnitPhase.campaign_id == campaign.id, UnitPhase.unit_id == unit_id, UnitPhase.phase_code == "study"
        )
    ).one()
    return row.state, row.percent


def test_unfinished_phase_is_late_after_its_last_day(engine: Engine, session: Session, campaign: Campaign) -> None:
    seen = board(session, engine, campaign.id, _person(session, "head"))
    assert seen.day == 10
    assert seen.phases[0].late == 12
    assert {row.cells["study"].lamp for row in seen.rows} == {"red"}
    assert {row.cells["rectify"].state for row in seen.rows} == {"todo"}


def test_department_sees_its_own_row_and_strangers_nothing(
    engine: Engine, session: Session, campaign: Campaign
) -> None:
    own = board(session, engine, campaign.id, _person(session, "internal-director"))
    assert [row.unit_name for row in own.rows] == ["内科"]
    assert len(board(session, engine, campaign.id, _person(session, "nursing-officer")).rows) == 12
    stranger = Person(login="stranger", name="路过")
    session.add(stranger)
    session.flush()
    with pytest.raises(NotFound):
        board(session, engine, campaign.id, stranger.id)


def _finding(session: Session, campaign: Campaign, unit: str, number: int, **values: Any) -> Finding:
    finding = Finding(
        number=number,
        campaign_id=campaign.id,
        unit_id=_unit(session, unit),
        origin_instance_id=campaign.instance_id,
        origin_element="self_check",
        item="5",
        found_at=AT,
        **({"text": "漏签"} | values),
    )
    session.add(finding)
    session.flush()
    return finding


def test_ledger_filters_counts_and_exports_without_formulas(session: Session, campaign: Campaign) -> None:
    _finding(session, campaign, "internal", 1, text="=cmd()", due=AT.replace(day=13))
    _finding(session, campaign, "surgery", 2, state=FindingState.CLOSED)
    office = _person(session, "office")
    assert [row.label for row in ledger(session, campaign.id, office, LedgerFilters(overdue=True), at=AT)] == [
        "2026-001"
    ]
    assert counts(session, campaign.id, office, at=AT).closed == 1
    own = ledger(session, campaign.id, _person(session, "surgery-director"), at=AT)
    assert [row.unit_name for row in own] == ["外科"]
    with pytest.raises(InvalidInput):
        ledger(session, campaign.id, office, LedgerFilters(state="lost"), at=AT)
    sheet = load_workbook(BytesIO(ledger_workbook(session, campaign.id, office, at=AT)))["问题台账"]
    assert sheet["F2"].value == "'=cmd()"
    assert sheet["C2"].value == "医嘱执行制度"


def test_finding_sent_back_counts_and_closed_stays_closed(session: Session, campaign: Campaign) -> None:
    finding = _finding(session, campaign, "internal", 1)
    for state in (FindingState.RECTIFYING, FindingState.VERIFYING, FindingState.RECTIFYING, FindingState.VERIFYING):
        move_finding(session, finding=finding, state=state, at=AT)
    move_finding(session, finding=finding, state=FindingState.CLOSED, at=AT)
    assert (finding.returned_count, finding.closed_at) == (1, AT)
    with pytest.raises(InvalidInput):
        move_finding(session, finding=finding, state=FindingState.OPEN, at=AT)


def test_sample_avoids_the_assessors_own_unit(session: Session, campaign: Campaign) -> None:
    record, strata = draw_sample(
        session,
        campaign=campaign,
        instance_id=campaign.instance_id,
        quota=Quota(percent=Decimal(50)),
        seed="2026",
        at=AT,
    )
    assert [len(stratum.drawn) for stratum in strata] == [3, 1, 1, 2]
    assert record.strata[0]["excluded"] == {"surgery": "考核小组成员在本单位任职"}


def test_scores_carry_their_reasons_into_award_and_documents(session: Session, campaign: Campaign) -> None:
    for unit, points in (("internal", "95"), ("surgery", "58"), ("ward-one", "90")):
        rating = Rating(
            campaign_id=campaign.id,
            unit_id=_unit(session, unit),
            instance_id=campaign.instance_id,
            element_id="rate",
            submission_id=1,
            group_code="medical",
            grade="good",
            points=Decimal(points),
            reason="现场考核",
            rated_by=1,
            rated_at=AT,
        )
        session.add(rating)
    _finding(session, campaign, "ward-one", 1)
    collected = collect(session, campaign=campaign, open_finding_deduction=Decimal(2))
    assert (len(collected.rated), len(collected.unrated), collected.average) == (3, 9, Decimal("80.33"))
    decided = decide_awards(
        session, campaign=campaign, decision=by_lines(Decimal(90), Decimal(60)), rectification_due=AT
    )
    assert decided.commended == (_unit(session, "internal"),)
    assert decided.poor == (_unit(session, "surgery"),)
    ranked = standings(session, campaign_id=campaign.id)
    assert [(one.unit_name, one.score) for one in ranked[:3]] == [
        ("内科", Decimal(95)),
        ("一病区", Decimal(88)),
        ("外科", Decimal(58)),
    ]
    assert [reason["rule"] for reason in ranked[1].reasons] == ["rating", "open-findings"]
    root = session.get_one(Instance, campaign.instance_id)
    circular = make_circular(
        session, campaign=campaign, instance=root, lines=Lines("90", "60", AT.date()), at=AT, summary="<总体>良好"
    )
    words = "\n".join(paragraph.text for paragraph in WordFile(BytesIO(circular.content)).paragraphs)
    assert "内科（95.00 分，优）" in words
    assert "<总体>良好" in words
    assert "外科（58.00 分" in words
    results = load_workbook(BytesIO(make_results(session, campaign=campaign, instance=root, at=AT).content))
    assert results["结果"]["B2"].value == "内科"
    assert results["依据"].max_row > 3


def test_preparing_twice_adds_nothing(session: Session, campaign: Campaign) -> None:
    assert len(prepare(session, campaign)) == 12
    rows = session.scalars(select(CampaignUnit).where(CampaignUnit.campaign_id == campaign.id)).all()
    assert len(rows) == 12
