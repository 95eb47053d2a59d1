"""A phase of a compiled plan is moved: approved, audited, and timers and deadlines follow, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from threading import Event

import pytest
from sqlalchemy import func, select

from engine.calendars import SHANGHAI
from engine.errors import InvalidInput, NotAllowed, NotFound, Stale
from engine.history import verify_everything
from engine.history.models import HistoryLine
from engine.instances import fanout
from engine.instances.lifecycle import resume, suspend
from engine.instances.models import FanOut, Instance
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.store import Database
from engine.tasks import complete
from engine.tasks.models import Activation, Notice, Slot
from engine.work.drain import drain
from engine.work.models import Work
from tests.support.campaigns import Launched, launched
from tests.support.databases import PostgresFactory
from tests.support.together import at_once, wait_until_held_up
from workflows.campaigns.models import Campaign, Phase, PhaseMove, UnitPhase
from workflows.campaigns.moving import MoveState, decide_move, moves_of, propose_move
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling
from workflows.sampling.models import Inspection

PLAN = """
name: 试验行动
launch: {parameters: [{name: year, type: integer, required: true}]}
units: {kinds: [class]}
roles: [{code: teacher, name: 班主任, rule: post(head)}]
phases:
  - code: study
    name: 学习
    starts: --04-01
    ends: --04-30
    steps: [{each: 各班学习, code: classes, steps: [{work: 学习, code: learn, who: teacher}]}]
  - code: fix
    name: 整改
    starts: 1 days after study.ends
    ends: --06-30
    steps: [{work: 整改, code: repair, who: initiator, due: 5 working days before fix.ends}]
"""


class World(Launched):
    """A launched campaign with three classes."""

    def propose(self, **changes: object) -> PhaseMove:
        wanted: dict[str, object] = {
            "phase": "study",
            "starts": None,
            "ends": date(2026, 5, 10),
            "reason": "台风停课",
            "actor_id": self.logins["organiser"],
        } | changes
        return propose_move(self.engine, campaign_id=self.campaign.id, **wanted)  # type: ignore[arg-type]

    def decide(self, move: PhaseMove, *, agree: bool = True, opinion: str = "", who: str = "leader") -> PhaseMove:
        decided = decide_move(self.engine, move_id=move.id, agree=agree, opinion=opinion, actor_id=self.logins[who])
        self.settle()
        return decided

    def do_first(self, element: str) -> None:
        """Complete the oldest open task of an element."""
        with self.engine.db.read() as session:
            query = (
                select(Slot.id, Slot.owner_id, Instance.version)
                .join(Activation, Activation.id == Slot.activation_id)
                .join(Instance, Instance.id == Slot.instance_id)
                .where(Activation.element_id == element, Slot.state == "ready")
                .order_by(Instance.item_index)
            )
            slot_id, owner, version = session.execute(query).first() or (0, 0, 0)
        complete(self.engine, slot_id=slot_id, actor_id=owner, version=version, data={}, opinion="")
        self.settle()


UNITS = [{"kind": "class", "names": {"one": "一班", "two": "二班", "three": "三班"}, "posts": ["head"]}]


@pytest.fixture
def world(database: Database) -> World:
    return World(**vars(launched(database, PLAN, UNITS)))


def test_open_tasks_take_the_new_deadline_and_what_hangs_on_the_phase_follows(world: World) -> None:
    world.go_to("2026-04-10T09:00")
    assert world.due("learn") == {"04-30"}
    world.decide(world.propose())
    assert world.due("learn") == {"05-10"}
    with world.engine.db.read() as session:
        days = {row.code: (row.starts, row.ends) for row in session.scalars(select(Phase))}
        assert days["study"] == (date(2026, 4, 1), date(2026, 5, 10))
        assert days["fix"] == (date(2026, 5, 11), date(2026, 6, 30))
        assert {f"{row.due:%m-%d}" for row in session.scalars(select(Slot)) if row.due} == {"05-10"}
        cells = session.scalars(select(UnitPhase).where(UnitPhase.phase_code == "study"))
        assert {f"{cell.due:%m-%d}" for cell in cells if cell.due} == {"05-10"}
    world.go_to("2026-05-10T09:00")
    assert world.due("repair") == set()
    world.go_to("2026-05-11T09:00")
    assert world.due("repair") == {"06-23"}


def test_a_suspended_unit_takes_the_new_deadline_when_it_is_resumed(world: World) -> None:
    world.go_to("2026-04-10T09:00")
    with world.engine.db.read() as session:
        query = select(Instance.id).where(Instance.unit_id == world.units["two"])
        instance_id = session.scalars(query).one()
    operator = {"instance_id": instance_id, "actor_id": world.logins["admin"], "reason": "核查"}
    suspend(world.engine, **operator)
    world.decide(world.propose())
    assert world.due("learn") == {"04-30", "05-10"}
    world.go_to("2026-04-12T09:00")
    resume(world.engine, **operator)
    world.settle()
    assert world.due("learn") == {"05-10"}


def test_a_task_is_not_late_before_its_new_deadline_and_late_after_it(world: World) -> None:
    world.go_to("2026-04-10T09:00")
    world.decide(world.propose())
    world.go_to("2026-05-02T09:00")
    with world.engine.db.read() as session:
        assert not session.scalars(select(HistoryLine).where(HistoryLine.operation == "overdue")).all()
        assert session.scalars(select(Work).where(Work.kind == "deadline")).all()
    world.go_to("2026-05-11T09:00")
    with world.engine.db.read() as session:
        assert len(session.scalars(select(HistoryLine).where(HistoryLine.operation == "overdue")).all()) == 3


def test_a_move_is_audited_with_who_proposed_who_decided_and_why(world: World) -> None:
    move = world.decide(world.propose())
    assert (move.state, move.proposed_by, move.decided_by) == (
        MoveState.AGREED, world.logins["organiser"], world.logins["leader"],
    )  # fmt: skip
    with world.engine.db.read() as session:
        line = session.scalars(select(HistoryLine).where(HistoryLine.operation == "move-phase")).one()
        assert line.actor_id == world.logins["leader"]
        assert line.opinion == "台风停课"
        assert line.detail["from"] == ["2026-04-01", "2026-04-30"]
        assert line.detail["to"] == ["2026-04-01", "2026-05-10"]
        told = session.scalars(select(Notice).where(Notice.person_id == world.logins["leader"]))
        assert any("阶段调整待审批" in one.title for one in told)
    assert verify_everything(world.engine.db, key=world.engine.history_key) == []


def test_a_rejected_move_changes_nothing_and_needs_a_reason(world: World) -> None:
    move = world.propose()
    with pytest.raises(InvalidInput, match="理由"):
        world.decide(move, agree=False)
    world.decide(move, agree=False, opinion="进度可以赶上")
    with world.engine.db.read() as session:
        assert session.get_one(Phase, (world.campaign.id, "study")).ends == date(2026, 4, 30)
        assert [one.state for one in moves_of(session, world.campaign.id)] == [MoveState.REJECTED]


def test_whoever_decides_second_is_told_so(world: World) -> None:
    move = world.propose()
    world.decide(move)
    with pytest.raises(Stale):
        world.decide(move)


def test_only_one_proposal_for_a_phase_waits(world: World) -> None:
    world.propose()
    with pytest.raises(NotAllowed):
        world.propose()


def test_strangers_find_neither_campaign_nor_proposal(world: World) -> None:
    with pytest.raises(NotFound):
        world.propose(actor_id=world.logins["stranger"])
    move = world.propose()
    for who in ("stranger", "organiser"):
        with pytest.raises(NotFound):
            world.decide(move, who=who)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"ends": None}, "starts"),
        ({"ends": date(2026, 3, 1)}, "ends"),
        ({"starts": date(2026, 5, 2), "ends": date(2026, 5, 1)}, "ends"),
        ({"starts": date(2026, 3, 1)}, "starts"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
    ],
)
def test_days_that_do_not_fit_are_refused_with_a_sentence(world: World, changes: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.propose(**changes)
    assert place in caught.value.fields


def test_a_phase_that_has_begun_keeps_its_first_day(world: World) -> None:
    world.go_to("2026-04-10T09:00")
    with pytest.raises(InvalidInput, match="已经开始"):
        world.propose(starts=date(2026, 4, 20))


def test_units_that_join_a_moved_campaign_see_the_moved_days(world: World) -> None:
    world.decide(world.propose())
    with world.engine.db.read() as session:
        assert session.scalar(select(Unit.id).where(Unit.code == "one")) is not None
        root = session.get_one(Campaign, world.campaign.id)
        assert root.moved == {"study.ends": "2026-05-10"}
    world.go_to("2026-04-01T09:00")
    assert world.due("learn") == {"05-10"}


ROUNDS_PLAN = """
name: 试验行动
launch: {parameters: [{name: year, type: integer, required: true}]}
units: {kinds: [class]}
roles: [{code: teacher, name: 班主任, rule: post(head)}]
phases:
  - code: study
    name: 学习
    starts: --04-01
    ends: --04-30
    steps: [{work: 学习, code: learn, who: initiator, form: [{key: done, label: 情况, required: false}]}]
  - code: fix
    name: 整改
    starts: 1 days after study.ends
    ends: --06-30
    steps: [{work: 整改, code: repair, who: initiator}]
streams:
  - rounds: 每周检查
    code: weekly
    every: {period: week, days: [friday]}
    begins: study.starts
    until: study.ends
    steps: [{work: 检查, code: check, who: initiator, form: [{key: done, label: 情况, required: false}]}]
  - stage: 督查
    code: visits
    steps:
      - service: inspection.plan
        name: 安排督查
        with: {inspectors: group(leading), starts: =fix_starts, ends: =fix_ends, announced: false}
reports:
  - code: closing
    name: 总结
    who: teacher
    due: 3 working days after study.ends
    fields: [{key: done, label: 完成数, type: integer}]
"""


@pytest.fixture
def rounds_world(database: Database) -> World:
    return World(**vars(launched(database, ROUNDS_PLAN, UNITS)))


def _rounds(world: World) -> list[tuple[str, str]]:
    with world.engine.db.read() as session:
        query = select(Instance).where(Instance.process_id == "weekly_process", Instance.status == "running")
        found = session.scalars(query.order_by(Instance.item_index))
        return [(str(one.variables["round_opens"]), str(one.variables["round_due"])) for one in found]


def test_rounds_that_were_listed_follow_a_later_beginning(rounds_world: World) -> None:
    world = rounds_world
    assert _rounds(world)[0] == ("2026-04-01", "2026-04-03")
    assert len(_rounds(world)) == 4
    world.decide(world.propose(starts=date(2026, 4, 13)))
    assert [due for _opens, due in _rounds(world)] == ["2026-04-17", "2026-04-24", "2026-05-01", "2026-05-08"]
    world.go_to("2026-04-08T09:00")
    assert world.open("check") == 0
    world.go_to("2026-04-13T09:00")
    assert world.due("check") == {"04-17"}


def test_a_longer_phase_gets_more_rounds_and_what_was_done_stays(rounds_world: World) -> None:
    world = rounds_world
    world.go_to("2026-04-02T09:00")
    world.do("check", None, {})
    world.decide(world.propose(ends=date(2026, 5, 10)))
    assert [due for _opens, due in _rounds(world)] == [
        "2026-04-10", "2026-04-17", "2026-04-24", "2026-05-01", "2026-05-08",
    ]  # fmt: skip
    world.go_to("2026-05-05T09:00")
    assert world.due("check") == {"04-03", "04-10", "04-17", "04-24", "05-01", "05-08"}


def test_a_shorter_phase_loses_the_rounds_that_nobody_has_begun(rounds_world: World) -> None:
    world = rounds_world
    world.go_to("2026-04-10T09:00")
    assert world.open("check") == 2
    world.decide(world.propose(ends=date(2026, 4, 14)))
    assert _rounds(world) == [("2026-04-01", "2026-04-03"), ("2026-04-06", "2026-04-10")]
    for _ in range(2):
        world.do_first("check")
    with world.engine.db.read() as session:
        states = session.scalars(select(FanOut.status).where(FanOut.called == "weekly_process")).all()
    assert states == ["done"]


def test_reports_that_are_expected_and_planned_inspections_follow(rounds_world: World) -> None:
    world = rounds_world
    world.decide(world.propose())
    with world.engine.db.read() as session:
        due = {f"{row.due.astimezone(SHANGHAI):%m-%d}" for row in session.scalars(select(ReportFiling)) if row.due}
        starts = {row.starts.astimezone(SHANGHAI).date() for row in session.scalars(select(Inspection))}
    assert due == {"05-13"}
    assert world.due("closing_file") == {"05-13"}
    assert starts == {date(2026, 5, 11)}


def test_two_phases_that_are_moved_at_the_same_instant_are_both_moved(world: World) -> None:
    moves = [
        world.propose(),
        world.propose(phase="fix", starts=None, ends=date(2026, 7, 31)),
    ]
    decide = partial(decide_move, world.engine, agree=True, opinion="", actor_id=world.logins["leader"])
    answers = at_once([partial(decide, move_id=move.id) for move in moves])
    assert [one.state for one in answers if isinstance(one, PhaseMove)] == [MoveState.AGREED] * 2
    with world.engine.db.read() as session:
        ends = {row.code: row.ends for row in session.scalars(select(Phase))}
        assert ends == {"study": date(2026, 5, 10), "fix": date(2026, 7, 31)}
        assert set(session.get_one(Campaign, world.campaign.id).moved) == {"study.ends", "fix.ends"}
    world.settle()
    assert world.due("learn") in (set(), {"05-10"})


def test_units_whose_instances_are_made_while_a_phase_is_moved_have_the_new_days(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "SPAWN_CHUNK", 1)
    world = World(**vars(launched(database, PLAN, UNITS)))
    move = world.propose()
    world.clock.advance_to(datetime(2026, 4, 1, 1, tzinfo=SHANGHAI))
    while not _units(world):
        drain(world.engine, stop=_AfterOne())
    assert _units(world) == 1
    world.decide(move)
    assert (world.open("learn"), world.due("learn")) == (3, {"05-10"})


def _units(world: World) -> int:
    with world.engine.db.read() as session:
        return session.scalar(select(func.count()).where(Instance.unit_id.is_not(None))) or 0


class _AfterOne(Event):
    """Ends a drain after one round."""

    def is_set(self) -> bool:
        """Say no once."""
        before = super().is_set()
        self.set()
        return before


def test_a_phase_is_moved_while_a_unit_ends_and_wakes_its_campaign(
    postgres_factory: PostgresFactory,
) -> None:
    """The unit's turn holds the unit and waits for the campaign's instance: whoever moves may not hold that before."""
    url = postgres_factory.create()
    world = World(**vars(launched(Database(url), PLAN, UNITS)))
    world.go_to("2026-04-10T09:00")
    move, root_id = world.propose(), world.campaign.instance_id
    with world.engine.db.read() as session:
        unit = session.scalars(select(Instance).where(Instance.unit_id == world.units["two"])).one()
    with ThreadPoolExecutor(1) as pool:
        with world.engine.db.write() as session:
            writer = TurnWriter(world.engine, session, world.clock.now())
            lock_instance(session, unit.id)
            decided = pool.submit(world.decide, move)
            wait_until_held_up(session, decided)
            fanout.wake(writer, root_id, "join", {"fanout_id": unit.fanout_id}, unit.parent_token)
        assert decided.result(timeout=30).state == MoveState.AGREED
    assert world.due("learn") == {"05-10"}
    world.engine.db.close()
    postgres_factory.discard(url)
