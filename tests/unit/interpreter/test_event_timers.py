"""Timers: dates, durations and cycles, in ISO 8601, working time or FEEL (BPMN 2.0.2, 10.5.5, "Timer")."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.definitions.cycles import Cycle, parse_cycle
from engine.interpreter.contract import Failed, TimerSet
from engine.interpreter.timers import ENDLESS, Occurrence, first, following
from tests.support.drawing import AT, ENDS, FakeEnvironment, Played, draw, flows, node, timer, user
from tests.support.eventing import boundary

HOUR = timedelta(hours=1)


def catching(event: str, **variables: object) -> Played:
    return Played(
        draw(ENDS + node("intermediateCatchEvent", "c", event) + user("a") + flows("s > c > a > e")), variables
    )


def repeating(text: str, **variables: object) -> Played:
    edge = boundary("a", timer(text, "timeCycle"), interrupting=False)
    return Played(draw(ENDS + user("a") + node("task", "n") + edge + flows("s > a > e", "b > n > e")), variables)


def rounds(played: Played, most: int = 6) -> list[timedelta]:
    """Return when a repeating timer was due, fired on time, counted from the start."""
    dues = []
    while (due := played.of(TimerSet)) and len(dues) < most:
        dues.append(due[0].due - AT)
        played.happen("b", at=due[0].due)
    return dues


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("R3/PT1H", Cycle(3, "PT1H")),
        ("R/PT1H", Cycle(None, "PT1H")),
        ("R-1/P1D", Cycle(None, "P1D")),
        ("R2/2026-09-08T09:00:00+08:00/P1D", Cycle(2, "P1D", start="2026-09-08T09:00:00+08:00")),
        ("R/P1D/2026-12-31", Cycle(None, "P1D", end="2026-12-31")),
        ("R2/2 working days", Cycle(2, "2 working days")),
        ("0 0 9 * * MON", None),
        ("PT1H", Cycle(1, "PT1H")),
        ("P", None),
        ("R3//PT2S", Cycle(3, "PT2S")),
        ("R5/PT10S/", Cycle(5, "PT10S")),
        ("R3/", None),
    ],
)
def test_repeating_intervals_are_read(text: str, cycle: Cycle | None) -> None:
    assert parse_cycle(text) == cycle


def test_a_date_is_due_then_and_a_feel_expression_is_evaluated() -> None:
    due = catching(timer("2026-09-08T09:00:00+08:00", "timeDate")).of(TimerSet)[0].due
    assert due == datetime(2026, 9, 8, 1, 0, tzinfo=UTC)
    assert catching(timer("=pause"), pause="PT5M").of(TimerSet)[0].due == AT + timedelta(minutes=5)


def test_a_counted_cycle_fires_that_often_and_an_open_one_on_and_on() -> None:
    assert rounds(repeating("R3/PT1H")) == [HOUR, 2 * HOUR, 3 * HOUR]
    assert rounds(repeating("R/PT1H")) == [HOUR * i for i in range(1, 7)]


def test_a_cycle_begins_at_its_start_and_ends_with_its_end() -> None:
    start = "2026-09-07T09:30:00+08:00"
    assert rounds(repeating(f"R2/{start}/PT1H")) == [timedelta(minutes=30), timedelta(minutes=90)]
    assert rounds(repeating("R/PT1H/2026-09-07T11:30:00+08:00")) == [HOUR, 2 * HOUR]


def test_a_cycle_counts_working_time() -> None:
    """Monday 09:00, one working day later Tuesday, and so on over the weekend."""
    days = [due.days for due in rounds(repeating("R5/1 working days"))]
    assert len(days) == 5
    assert days[-1] >= 6


def test_a_cycle_that_ends_before_it_begins_is_an_incident() -> None:
    played = repeating("R/PT1H/2026-09-01")
    assert [(failed.element_id, failed.code) for failed in played.of(Failed)] == [("a", "timer-cycle")]


def test_a_cycle_in_an_intermediate_event_happens_once() -> None:
    played = catching(timer("R3/PT1H", "timeCycle"))
    played.happen("c", at=AT + HOUR)
    assert played.waiting == ["a"]
    assert played.of(TimerSet) == []


def test_a_cycle_on_an_interrupting_boundary_happens_once() -> None:
    body = ENDS + user("a", "tb") + boundary("a", timer("R3/PT1H", "timeCycle")) + flows("s > a > e", "b > tb > e")
    played = Played(draw(body))
    played.happen("b", at=AT + HOUR)
    assert played.waiting == ["tb"]


def test_a_cycle_may_be_a_feel_expression() -> None:
    assert rounds(repeating("=pause", pause="R2/PT1H")) == [HOUR, 2 * HOUR]
    assert rounds(repeating('"R2/PT" + hours', hours="1H")) == [HOUR, 2 * HOUR]


def test_rounds_that_were_slept_through_are_not_made_up_for() -> None:
    environment, details = FakeEnvironment(), {"cycle": "R/PT1H"}
    late = AT + timedelta(hours=5, minutes=10)
    occurrence = first(environment, details, {}, AT)
    assert occurrence == Occurrence(AT + HOUR, ENDLESS)
    assert following(environment, details, {}, occurrence, late) == Occurrence(late + HOUR, ENDLESS)


def test_a_timer_without_cycle_has_nothing_following() -> None:
    environment, details = FakeEnvironment(), {"duration": "PT1H"}
    assert following(environment, details, {}, first(environment, details, {}, AT), AT + HOUR) is None


def test_a_repeating_timer_keeps_the_snapshot_flat() -> None:
    played = repeating("R/PT1H")
    sizes = set()
    for _ in range(8):
        played.happen("b", at=played.of(TimerSet)[0].due)
        sizes.add(len(played.snapshot))
    assert max(sizes) - min(sizes) <= 1


def test_a_cycle_that_takes_no_time_is_an_incident_instead_of_an_endless_loop() -> None:
    played = repeating("R/PT0S")
    played.happen("b", at=AT)
    assert [(failed.element_id, failed.code) for failed in played.of(Failed)] == [("b", "timer-cycle")]
