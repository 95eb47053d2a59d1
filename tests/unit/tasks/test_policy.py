"""Decision policies as pure functions of the answers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.ratio import parse_ratio
from engine.errors import InvalidInput
from engine.tasks.policy import Answer, Rule, decide, rule_of, tally

STATES = {"y": "agreed", "n": "rejected", "a": "abstained", ".": "ready", "w": "waiting", "h": "held", "c": "completed"}


def answers(letters: str) -> list[Answer]:
    """Read ``y`` yes, ``n`` no, ``a`` abstained, ``.`` open; a capital holds a veto."""
    return [Answer(STATES[letter.lower()], veto=letter.isupper()) for letter in letters]


def outcome(rule: Rule, letters: str) -> str | None:
    verdict = decide(rule, answers(letters))
    return verdict.outcome if verdict is not None else None


@pytest.mark.parametrize(
    ("policy", "letters", "expected"),
    [
        ("single", "y", "agreed"),
        ("single", "n", "rejected"),
        ("single", ".", None),
        ("all", "yy.", None),
        ("all", "yyy", "agreed"),
        ("all", "yn.", "rejected"),
        ("any", "y..", "agreed"),
        ("any", "n..", "rejected"),
        ("any", "...", None),
        ("sequence", "y.w", None),
        ("sequence", "yn w".replace(" ", ""), "rejected"),
        ("sequence", "yyy", "agreed"),
        ("all", "cc", "completed"),
    ],
)
def test_what_an_electorate_decides(policy: str, letters: str, expected: str | None) -> None:
    assert outcome(Rule(policy), letters) == expected


def test_all_may_hear_everyone_before_it_fails() -> None:
    assert outcome(Rule("all", collect_all=True), "yn.") is None
    assert outcome(Rule("all", collect_all=True), "yny") == "rejected"


@pytest.mark.parametrize(
    ("rule", "letters", "expected"),
    [
        (Rule("vote", ratio=Fraction(2, 3)), "yy.", "agreed"),
        (Rule("vote", ratio=Fraction(2, 3)), "yn.", None),
        (Rule("vote", ratio=Fraction(2, 3)), "nn.", "rejected"),
        (Rule("vote", ratio=Fraction(3, 5)), "yyy..", "agreed"),
        (Rule("vote", ratio=Fraction(3, 5)), "yynn.", None),
        (Rule("vote", count=2), "yy...", "agreed"),
        (Rule("vote", count=2), "nnn..", None),
        (Rule("vote", count=2), "nnny.", None),
        (Rule("vote", count=2), "nnnn.", "rejected"),
        (Rule("vote"), "yy..", None),
        (Rule("vote"), "yyy.", "agreed"),
        (Rule("vote"), "yynn", "rejected"),
        (Rule("vote", ratio=Fraction(1, 2)), "yyyN.", "rejected"),
        (Rule("vote", ratio=Fraction(1, 2)), "aaaa", "rejected"),
    ],
)
def test_a_vote_passes_fails_or_stays_open(rule: Rule, letters: str, expected: str | None) -> None:
    assert outcome(rule, letters) == expected


def test_the_last_voter_decides_nothing_alone_P3() -> None:
    """What counts is the number of yes votes, in whatever order; an abstention is an answer of its own."""
    counting = Rule("vote", ratio=Fraction(2, 3))
    leaving = Rule("vote", ratio=Fraction(2, 3), abstentions_count=False)
    assert outcome(counting, "yya") == outcome(counting, "ayy") == "agreed"
    assert outcome(counting, "yaa") == "rejected"
    assert outcome(leaving, "yaa") == "agreed"
    assert tally(counting, answers("yna")) == tally(counting, answers("any"))
    assert tally(leaving, answers("yna")).size == 2


@given(st.text("yna.", min_size=1, max_size=9), st.fractions(Fraction(1, 10), 1))
def test_a_decision_never_turns_once_it_was_made(letters: str, ratio: Fraction) -> None:
    """A vote that has passed or failed does so however the open ones answer (``abstain = counts``)."""
    rule = Rule("vote", ratio=ratio)
    decided = outcome(rule, letters)
    if decided is None:
        return
    for last in "yna":
        assert outcome(rule, letters.replace(".", last)) == decided


def test_ratios_are_exact() -> None:
    assert parse_ratio("60%") == parse_ratio("0.6") == parse_ratio("3/5")
    assert tally(Rule("vote", ratio=parse_ratio("0.6")), answers(".....")).needed == 3


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two thirds", "1/0", "120%"])
def test_ratios_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        rule_of({"policy": "vote", "voteRatio": text})


@pytest.mark.parametrize("text", ["0", "1.5", "x", "-2"])
def test_counts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        rule_of({"policy": "vote", "voteCount": text})
