"""Counting answers: means by group and weight, turnout, whether a vote is valid and passes; pure and exact."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """One person's answer to one question."""

    question: str
    group: str
    answer: str
    value: Fraction | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The result. ``answers`` counts by question and answer; ``score`` is the weighted mean of all questions.

    ``shares`` is the share of each answer in percent by question. ``turnout`` is none where the electorate is unknown.
    """

    people: int
    answers: Mapping[str, Mapping[str, int]]
    shares: Mapping[str, Mapping[str, Fraction]]
    score: Fraction | None
    turnout: Fraction | None
    valid: bool
    passed: bool | None


def tally(poll: Mapping[str, Any], answers: Sequence[Answered], *, people: int, electorate: int | None = None) -> Tally:
    """Count a poll.

    A group without an answer does not weigh; the others' weights are then taken as the whole.
    """
    counted: dict[str, Counter[str]] = {}
    for one in answers:
        counted.setdefault(one.question, Counter())[one.answer] += 1
    shares = {
        question: {answer: Fraction(number * 100, sum(numbers.values())) for answer, number in numbers.items()}
        for question, numbers in counted.items()
    }
    turnout = Fraction(people * 100, electorate) if electorate else None
    valid = people >= poll["least"] and (poll["quorum"] is None or (turnout is not None and turnout >= poll["quorum"]))
    return Tally(
        people, counted, shares, _score(poll, answers), turnout, valid, _passed(poll, counted, electorate, valid)
    )


def _score(poll: Mapping[str, Any], answers: Sequence[Answered]) -> Fraction | None:
    values: dict[str, list[Fraction]] = {}
    for one in answers:
        if one.value is not None:
            values.setdefault(one.group if poll["groups"] else "", []).append(one.value)
    means = {group: sum(own, Fraction(0)) / len(own) for group, own in values.items()}
    weights = {group: poll["groups"].get(group, Fraction(0)) if poll["groups"] else Fraction(1) for group in means}
    total = sum(weights.values(), Fraction(0))
    return sum((means[group] * weight for group, weight in weights.items()), Fraction(0)) / total if total else None


def _passed(
    poll: Mapping[str, Any], counted: Mapping[str, Counter[str]], electorate: int | None, valid: bool
) -> bool | None:
    if poll["majority"] is None:
        return None
    numbers = next(iter(counted.values()), Counter[str]())
    base = electorate if poll["of"] == "electorate" else sum(numbers.values())
    if not valid or not base:
        return False
    share = Fraction(numbers[poll["yes"]] * 100, base)
    return bool(share > poll["majority"] if poll["more_than"] else share >= poll["majority"])
