"""Who signs a node: the electorate as a tree with those who were added, and a vote's bar with its threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from engine.tasks.models import Side

_SPOKEN = frozenset({"agreed", "rejected", "abstained", "completed", "returned"})


@dataclass(slots=True)
class Seat:
    """One signer as the page shows it, with those who were added to it."""

    person: str
    state: str
    opinion: str
    at: Any
    actor: str = ""
    how: str = ""
    below: list["Seat"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote's bar: parts in percent of the electorate, and where the threshold stands."""

    yes: int
    no: int
    abstained: int
    open: int
    size: int
    needed: int

    def share(self, number: int) -> float:
        """Return a number in percent of the electorate."""
        return round(100 * number / max(self.size, 1), 2)


@dataclass(frozen=True, slots=True)
class Signers:
    """The card of signers; ``title`` names the policy."""

    title: str
    seats: list[Seat]
    spoken: int
    total: int
    vote: Vote | None = None

    @property
    def many(self) -> bool:
        """Whether there is more to show than the one whose page it is."""
        return len(self.seats) > 1 or any(seat.below for seat in self.seats)


def signers_of(policy: str, electorate: Sequence[Any], tally: Any) -> Signers:
    """Put an activation's signers together (``engine.tasks.detail.Signer``)."""
    seats = {one.slot_id: _seat(one) for one in electorate}
    top = []
    for one in electorate:
        beside = one.side in (None, Side.BESIDE)
        (top if beside or one.parent_id not in seats else seats[one.parent_id].below).append(seats[one.slot_id])
    counted = [seat for seat in top if seat.state not in ("transferred", "cancelled", "skipped", "expired")]
    spoken = sum(1 for seat in counted if seat.state in _SPOKEN)
    vote = (
        Vote(tally.yes, tally.no, tally.abstained, tally.open, tally.size, tally.needed) if tally is not None else None
    )
    return Signers(_title(policy), top, spoken, len(counted), vote)


def _title(policy: str) -> str:
    return {"any": _("或签"), "vote": _("票签"), "sequence": _("依次签"), "all": _("会签")}.get(policy, _("签署"))


def _seat(one: Any) -> Seat:
    words = {
        Side.BEFORE: _("由 %(name)s 前加签", name=one.added_by),
        Side.AFTER: _("由 %(name)s 后加签", name=one.added_by),
        Side.BESIDE: _("由 %(name)s 加签", name=one.added_by),
        Side.OPINION: _("由 %(name)s 委派", name=one.added_by),
    }
    how = words.get(one.side, "") if one.side else ""
    return Seat(one.person, one.state, one.opinion or "", one.closed_at, one.actor, how)
