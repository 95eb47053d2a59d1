"""Opinion phrases: a person's own come first, the organisation's follow."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.phrases.models import Phrase, Use

MOST_PHRASES = 50
MAX_PHRASE = 200


@dataclass(frozen=True, slots=True)
class Phrases:
    """What somebody is offered: one's own phrases and the organisation's, each in its order."""

    own: tuple[Phrase, ...]
    shared: tuple[Phrase, ...]

    def fitting(self, use: str) -> list[str]:
        """Return the texts that fit one kind of opinion, each once."""
        fit = (one.text for one in (*self.own, *self.shared) if one.use in (Use.ANY, use))
        return list(dict.fromkeys(fit))


def phrases_of(session: Session, person_id: int) -> Phrases:
    """Return the phrases that a person is offered, in one statement."""
    query = select(Phrase).where(or_(Phrase.person_id == person_id, Phrase.person_id.is_(None)))
    found = list(session.scalars(query.order_by(Phrase.position, Phrase.id)))
    own = tuple(one for one in found if one.person_id is not None)
    return Phrases(own, tuple(one for one in found if one.person_id is None))


def add_phrase(session: Session, *, owner_id: int | None, text: str, use: str) -> Phrase:
    """Add a phrase at the end; ``owner_id`` None is the organisation, whose right the caller has checked."""
    words = _judged(text, use)
    mine = select(Phrase).where(_belongs_to(owner_id))
    known = list(session.scalars(mine))
    if len(known) >= MOST_PHRASES:
        raise InvalidInput(
            say("最多 {most} 条常用语", most=MOST_PHRASES), {"text": say("最多 {most} 条", most=MOST_PHRASES)}
        )
    if any(one.text == words and one.use == use for one in known):
        raise InvalidInput(say("已有这条常用语"), {"text": say("已有这条常用语")})
    last = session.scalar(select(func.max(Phrase.position)).where(_belongs_to(owner_id)))
    phrase = Phrase(person_id=owner_id, use=use, text=words, position=(last or 0) + 1)
    session.add(phrase)
    return phrase


def change_phrase(session: Session, *, phrase_id: int, owner_id: int | None, text: str, use: str) -> None:
    """Change a phrase; somebody else's raises NotFound."""
    phrase = own_phrase(session, phrase_id, owner_id)
    phrase.text, phrase.use = _judged(text, use), use


def delete_phrase(session: Session, *, phrase_id: int, owner_id: int | None) -> None:
    """Delete a phrase; opinions that were written with it stay."""
    session.delete(own_phrase(session, phrase_id, owner_id))


def raise_phrase(session: Session, *, phrase_id: int, owner_id: int | None) -> None:
    """Move a phrase one place towards the beginning."""
    phrase = own_phrase(session, phrase_id, owner_id)
    above = (
        select(Phrase)
        .where(_belongs_to(owner_id), Phrase.position < phrase.position)
        .order_by(Phrase.position.desc())
        .limit(1)
    )
    other = session.scalars(above).one_or_none()
    if other is not None:
        phrase.position, other.position = other.position, phrase.position


def _belongs_to(owner_id: int | None) -> ColumnElement[bool]:
    return Phrase.person_id.is_(None) if owner_id is None else Phrase.person_id == owner_id


def own_phrase(session: Session, phrase_id: int, owner_id: int | None) -> Phrase:
    """Return a phrase of this owner; any other raises NotFound."""
    phrase = session.get(Phrase, phrase_id)
    if phrase is None or phrase.person_id != owner_id:
        raise NotFound(say("没有这条常用语"))
    return phrase


def _judged(text: str, use: str) -> str:
    words = " ".join(text.split())
    if not words or len(words) > MAX_PHRASE:
        raise InvalidInput(
            say("常用语须为 1–{most} 字", most=MAX_PHRASE), {"text": say("1–{most} 字", most=MAX_PHRASE)}
        )
    if use not in tuple(Use):
        raise InvalidInput(say("不认识的用途"), {"use": say("请选择用途")})
    return words
