"""The campaign's course, played with a thousand units and with ten side by side: every step is measured on both."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import func, select

from engine.store import Database
from tests.bench.measure import Ratio, pair, ratio_of
from tests.bench.thousand import acting
from tests.bench.thousand.acting import Act
from tests.bench.thousand.field import INSPECTOR, LAUNCH_DAY, LEADER, OFFICE, Field, tidy
from tests.bench.thousand.field import field as make_field
from tests.bench.thousand.pages import page_times, workbook_times
from workflows.campaigns.models import Campaign
from workflows.campaigns.moving import decide_move, propose_move
from workflows.findings.models import Finding
from workflows.parts.subjects import subjects_of
from workflows.scoring.service import Given, Origin, enter

START_GOAL_SECONDS = 30
STEP_GOAL = 1.2
FEW = 10
PER_UNIT = 10
"""Findings of one self-check."""
SLICE_SECONDS = 0.002
"""Seconds for each unit before the other side has its turn, in what is done for all units."""
RESULT = {"result": "会议记录"}
GOING_ON = {"settled": "no"}
MEASURES = {"measures": "已停产检修"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is played.

    ``handing_in`` units file their findings by tasks, each finding an instance; a workbook has those of the others.
    ``rounds`` of each step are counted; ``few`` campaigns of ten units have tasks enough for them. Each page is opened
    ``visits`` times.
    """

    units: int
    handing_in: int
    rounds: int
    few: int
    visits: int


QUICK = Size(units=1000, handing_in=50, rounds=20, few=3, visits=10)
FULL = Size(units=1000, handing_in=500, rounds=60, few=7, visits=60)


@dataclass(slots=True)
class Side:
    """Campaigns of one size on one database, with the tasks at hand."""

    field: Field
    campaigns: list[Campaign]
    launching: float
    tasks: deque[tuple[int, int]] = field(default_factory=deque)

    @property
    def units(self) -> int:
        return self.field.units * len(self.campaigns)

    def at(self, element: str) -> "Side":
        """Take up the open tasks of an element."""
        self.tasks = acting.open_tasks(self.field, self.campaigns, element)
        return self

    def step(self, act: Act) -> Callable[[], float]:
        """Return what does the next task, with all that follows from it; it tells the seconds."""

        def next_step() -> float:
            begun = perf_counter()
            act(self.field, self.tasks.popleft())
            acting.settle(self.field)
            return perf_counter() - begun

        return next_step

    def together(self, act: Act, number: int) -> None:
        """Do so many tasks, and then what follows from all of them."""
        for _ in range(number):
            act(self.field, self.tasks.popleft())
        acting.settle(self.field)


def _settled(*sides: Side) -> list[float]:
    """Do all work that is due, the sides in turn by slices in proportion to their units; tell the seconds of each."""
    return _settled_with_cpu(*sides)[0]


def _settled_with_cpu(*sides: Side) -> tuple[list[float], list[float]]:
    """Do the same; tell the seconds of each side, and those of this process's own processor time."""
    spent, worked = [0.0 for _ in sides], [0.0 for _ in sides]
    busy = set(range(len(sides)))
    while busy:
        for number in sorted(busy):
            side = sides[number]
            begun = process_time()
            done, seconds = acting.settle(side.field, budget_seconds=side.units * SLICE_SECONDS)
            spent[number] += seconds
            worked[number] += process_time() - begun
            if not done:
                busy.remove(number)
    return spent, worked


def campaign_times(big: Database, small: Database, size: Size) -> tuple[dict[str, object], list[Ratio]]:
    """Play the campaign on both databases; returns its times and the ratios of its steps."""
    wide, narrow = _launched(big, size.units, 1), _launched(small, FEW, size.few)
    one = wide.campaigns[0]
    ratios, start = _start(wide, narrow)
    ratios += _mobilisation(wide, narrow, size)
    ratios += _self_check(wide, narrow, size)
    for side in (wide, narrow):
        _marks(side)
    ratios += _bulletins(wide, narrow, size.rounds // 2)
    ratios.append(_move(wide, narrow))
    excel = workbook_times(wide.field, one, PER_UNIT * (size.units - size.handing_in))
    tidy(big)
    pages = [page.as_json() for page in page_times(wide.field, one, rounds=size.visits)]
    return {
        "units": size.units,
        "findings": _number_of_findings(wide),
        "start": start,
        "excel": excel,
        "pages": pages,
    }, ratios


def _launched(database: Database, units: int, campaigns: int) -> Side:
    ground = make_field(database, units)
    started = [acting.launched(ground) for _ in range(campaigns)]
    return Side(ground, [campaign for campaign, _ in started], sum(seconds for _, seconds in started))


def _start(wide: Side, narrow: Side) -> tuple[list[Ratio], dict[str, object]]:
    """Let all units' tasks open after the launch; returns the ratio for each unit, and the wide side's seconds."""
    settled, worked = _settled_with_cpu(wide, narrow)
    spent = [side.launching + more for side, more in zip((wide, narrow), settled, strict=True)]
    for side in (wide, narrow):
        opened = len(side.at("kick_off").tasks)
        assert opened == side.units, f"{opened} of {side.units} units have their task"
        tidy(side.field.engine.db)
    start = {
        "seconds": round(spent[0], 2),
        "cpu_seconds": round(worked[0], 2),
        "goal_seconds": START_GOAL_SECONDS,
        "within_goal": spent[0] <= START_GOAL_SECONDS,
    }
    return [_per_unit("start", wide, narrow, *spent)], start


def _steps(name: str, wide: Side, narrow: Side, act: Act, rounds: int) -> Ratio:
    """Measure a single step on both sides."""
    name = f"campaign/{name}-{wide.field.units}-units-against-10"
    return pair(name, wide.step(act), narrow.step(act), goal=STEP_GOAL, rounds=rounds)


def _per_unit(name: str, wide: Side, narrow: Side, left: float, right: float) -> Ratio:
    """Compare, for each unit, seconds of what by its nature is done for all of them."""
    name = f"campaign/{name}-for-each-of-{wide.field.units}-units-against-10"
    return ratio_of(name, left / wide.units, right / narrow.units, goal=STEP_GOAL)


def _mobilisation(wide: Side, narrow: Side, size: Size) -> list[Ratio]:
    """A unit's tasks in order: the meeting, the plan, the office's approval, and the last one, which ends the unit."""
    work = acting.completing(RESULT)
    steps = (
        ("unit-task", "kick_off", work),
        ("unit-task-before-approval", "local_plan", work),
        ("unit-approval", "plan_check", acting.agreeing),
        ("unit-ends", "publish", work),
    )
    return [_steps(name, wide.at(element), narrow.at(element), act, size.rounds) for name, element, act in steps]


def _self_check(wide: Side, narrow: Side, size: Size) -> list[Ratio]:
    """The next phase begins; findings are filed, rectified and closed."""
    day = LAUNCH_DAY + timedelta(days=7)
    for side in (wide, narrow):
        side.field.clock.advance_to(day)
    begins = _per_unit("phase-begins", wide, narrow, *_settled(wide, narrow))
    filing, rectifying = acting.self_checking(PER_UNIT), acting.completing(MEASURES)
    filed = _steps("findings-filed", wide.at("check_self"), narrow.at("check_self"), filing, size.rounds)
    wide.together(filing, size.handing_in - (size.units - len(wide.tasks)))
    return [
        begins,
        filed,
        _steps("finding-rectified", wide.at("rectify"), narrow.at("rectify"), rectifying, size.rounds),
        _steps("finding-closed", wide.at("verify"), narrow.at("verify"), acting.agreeing, size.rounds),
    ]


def _bulletins(wide: Side, narrow: Side, rounds: int) -> list[Ratio]:
    """The office's own tasks in the campaign's instance: scores and ranks of all units, and an approval."""
    ranking, approval = [], []
    for _ in range(rounds + 1):
        ranking.append([side.at("bulletin").step(acting.completing(GOING_ON))() for side in (wide, narrow)])
        approval.append([side.at("settle").step(acting.agreeing)() for side in (wide, narrow)])
    ranks, approvals = ([median(side) for side in zip(*spent[1:], strict=True)] for spent in (ranking, approval))
    single = f"campaign/office-approval-{wide.field.units}-units-against-10"
    return [
        _per_unit("ranking", wide, narrow, ranks[0], ranks[1] * len(narrow.campaigns)),
        ratio_of(single, *approvals, goal=STEP_GOAL, rounds=rounds),
    ]


def _move(wide: Side, narrow: Side) -> Ratio:
    """A phase gets a new end, and every open task of it a new deadline."""
    for side in (wide, narrow):
        for campaign in side.campaigns:
            move = propose_move(
                side.field.engine, campaign_id=campaign.id, phase="self_check", starts=None, ends=date(2026, 10, 7),
                reason="台风", actor_id=OFFICE,
            )  # fmt: skip
            decide_move(side.field.engine, move_id=move.id, agree=True, opinion="", actor_id=LEADER)
    return _per_unit("phase-moved", wide, narrow, *_settled(wide, narrow))


def _number_of_findings(side: Side) -> int:
    with side.field.engine.db.read() as session:
        return session.scalar(select(func.count()).select_from(Finding)) or 0


def _marks(side: Side) -> None:
    """Give every unit its marks, each another one."""
    for campaign in side.campaigns:
        with side.field.engine.db.write() as session:
            origin = Origin(campaign.instance_id, "mark", INSPECTOR, side.field.clock.now())
            for number, subject in enumerate(subjects_of(session, campaign).values()):
                given = [
                    Given("order", Fraction(60 - number % 41), "现场秩序"),
                    Given("records", Fraction(40 - number % 17), "台账齐全"),
                ]
                enter(
                    session, campaign=campaign, scheme="annual", subject=subject, marks=given, origin=origin,
                    replace=False,
                )  # fmt: skip
