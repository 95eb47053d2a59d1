"""Finds whom a text calls by ``@name``. Chinese puts no spaces around names, so the longest that fits is meant."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.organisation.models import Person

LONGEST_NAME = 40
MOST_CALLS = 30
CALL = re.compile(r"(?<![A-Za-z0-9_.])@(?=[^\s@])")
"""An ``@`` that begins a call; one inside an e-mail address does not."""
WITH_LOGIN = re.compile(r"[^()@\s]{1,40}\(([\w.\-]{1,80})\)")
_ASCII_WORD = re.compile(r"[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a text calls, in its order; ``unknown`` are the beginnings of calls that name nobody, or several."""

    people: tuple[int, ...]
    unknown: tuple[str, ...]


def find_mentions(session: Session, text: str, *, among: Collection[int], anybody: bool) -> Mentions:
    """Find the people that a text calls by name, English name, login, or ``@name(login)``.

    Parameters
    ----------
    among
        The people whose business the matter is; of several with one name these are meant.
    anybody
        Whether others may be called too.

    """
    rests = [text[call.end() : call.end() + LONGEST_NAME] for call in CALL.finditer(text)][:MOST_CALLS]
    words = {word for rest in rests for word in _possible(rest)}
    if not words:
        return Mentions((), tuple(_shown(rest) for rest in rests))
    named = or_(Person.name.in_(words), Person.name_en.in_(words), Person.login.in_(words))
    by_word: dict[str, list[int]] = {}
    for person in session.scalars(select(Person).where(Person.active, named)):
        if anybody or person.id in among:
            for word in {person.name, person.name_en, person.login}:
                by_word.setdefault(word, []).append(person.id)
    people: dict[int, None] = {}
    unknown: list[str] = []
    for rest in rests:
        found = _meant(rest, by_word, among)
        if found is None:
            unknown.append(_shown(rest))
        else:
            people[found] = None
    return Mentions(tuple(people), tuple(dict.fromkeys(unknown)))


def _possible(rest: str) -> list[str]:
    """Return what may be the name at the beginning of a text, the longest first."""
    login = WITH_LOGIN.match(rest)
    if login is not None:
        return [login[1]]
    ends = (end for end in range(len(rest), 0, -1) if not _splits_word(rest, end))
    return [rest[:end] for end in ends if not rest[:end].endswith((" ", "\n"))]


def _splits_word(rest: str, end: int) -> bool:
    return end < len(rest) and bool(_ASCII_WORD.match(rest[end - 1])) and bool(_ASCII_WORD.match(rest[end]))


def _meant(rest: str, by_word: dict[str, list[int]], among: Collection[int]) -> int | None:
    for word in _possible(rest):
        found = by_word.get(word, [])
        close = [one for one in found if one in among] or found
        if close:
            return close[0] if len(close) == 1 else None
    return None


def _shown(rest: str) -> str:
    return re.split(r"[\s，。；：、,.;:!?！？]", rest, maxsplit=1)[0][:20]
