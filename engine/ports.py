"""What the engine asks of the domain: people, calendars, services. ``workflows`` fulfils these protocols."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar

if TYPE_CHECKING:
    from engine.instances.models import Instance
    from engine.runtime import Engine
    from engine.tasks.models import Activation
    from engine.work.external import ExternalCall
    from engine.work.models import Errand


@dataclass(frozen=True, slots=True)
class AssignmentContext:
    """What an assignment rule may refer to."""

    at: datetime
    instance_id: int
    root_id: int
    unit_id: int | None
    initiator_id: int | None
    variables: Mapping[str, Any]


class People(Protocol):
    """Finds people through roles (approvals.md, "Assignment")."""

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        """Return the ids of the people that a rule names, in a stable order; an unknown rule raises InvalidInput.

        The grammar is :mod:`engine.definitions.assignment`; docs/approvals.md says whom each word finds. Groups belong
        to the campaign of ``context.root_id``; outside a campaign to the organisation.
        """

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        """Return the people in a role that a drawing names by its label, such as a lane; nobody for an unknown one."""

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        """Return the leader that an overdue task of this person escalates to."""

    def principals(self, session: Session, person_id: int, at: datetime, process_id: str | None) -> Collection[int]:
        """Return the people for whom this one may act now (代理): by dates, in this process; None asks for any."""

    def substitute(self, session: Session, person_id: int, at: datetime, process_id: str) -> int | None:
        """Return who takes over from somebody who is absent or gone: the deputy, else the supervisor (O4)."""

    def gone(self, session: Session, ids: Sequence[int]) -> Collection[int]:
        """Return those of these people who cannot sign in any more."""

    def oversees(self, session: Session, person_id: int, at: datetime) -> Collection[int]:
        """Return the root instances of campaigns that this person supervises (督办)."""

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        """Return display names."""

    def is_administrator(self, session: Session, person_id: int) -> bool:
        """Say whether this person may operate instances of others."""


class Calendars(Protocol):
    """Gives the working calendar of a unit."""

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar: ...


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One call of a service task: its evaluated inputs, and the transaction it may write in (internal kinds)."""

    engine: "Engine"
    session: Session
    instance: "Instance"
    element_id: str
    token: str
    inputs: Mapping[str, Any]
    at: datetime
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class ServiceInput:
    """An input of a service kind as designers see it; ``picker`` says what is chosen for it.

    ``text``, ``number``, ``date``, ``rule`` (people), ``element``, ``process``, ``decision``, ``unit``, ``units`` or
    ``choice`` of ``choices``. Labels are Chinese " / " English.
    """

    name: str
    label: str
    required: bool = False
    picker: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """A kind of service task (``duban:service="campaign.draw_sample"``).

    An internal kind runs inside a turn's transaction: exactly once. An external one (``external=True``) runs
    between two transactions, at least once, with the idempotency key; ``at_most_once`` makes a lost answer an
    incident instead of a repetition. ``retry`` is the policy of calls that failed where the diagram has none
    (:mod:`engine.definitions.retry`), empty for an incident at once. ``run`` returns the result, a mapping of JSON
    values. ``follow`` is asked when days that the inputs speak of have moved after the service was done; it returns
    the new result (:mod:`engine.instances.relisting`). ``label``, ``inputs`` and ``outputs`` describe it to designers.
    """

    name: str
    run: Callable[[ServiceCall], Mapping[str, Any]]
    external: bool = False
    at_most_once: bool = False
    retry: str = ""
    label: str = ""
    inputs: tuple[ServiceInput, ...] = ()
    outputs: tuple[str, ...] = ()
    follow: Callable[[ServiceCall], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What an instance that an event starts belongs to: another one's campaign, and the variables known there."""

    root_id: int
    variables: Mapping[str, Any]


class Homes(Protocol):
    """Finds where an instance belongs that a message, a signal or a timer starts."""

    def of_start(self, session: Session, package_key: str, process_id: str, brought: Mapping[str, Any]) -> Home | None:
        """Return the home of a process about to start; None when it starts by itself.

        ``brought`` are the variables that the event brings. Raises AmbiguousMessage when several homes fit.
        """


class Herald(Protocol):
    """Hears at the end of a transaction what people may want to be told of, and makes one errand of it."""

    def errand_about(self, session: Session, news: "News") -> "Errand | None":
        """Return the errand that will tell people, None when there is nobody to tell."""


@dataclass(slots=True)
class News:
    """What one transaction did that people may want to be told of, by ids of the rows."""

    at: datetime
    notices: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.notices or self.opened or self.closed or self.ended)


@dataclass(frozen=True, slots=True)
class OutsideKind:
    """A kind of errand that calls the outside: leased, called without a transaction, finished under its fence.

    ``prepare`` returns the call to make, None when there is nothing to do any more; ``finish`` takes the result or the
    failure, once.
    """

    prepare: Callable[["Engine", Session, "Errand"], "ExternalCall | None"]
    finish: Callable[["Engine", Session, "Errand", Mapping[str, Any] | Exception], None]


class TurnListener(Protocol):
    """Told inside the turn's transaction what happened; the campaign board keeps its counters so.

    ``settings`` of an activation carries every ``duban:`` attribute of its node without the prefix.
    """

    def activation_opened(self, session: Session, instance: "Instance", activation: "Activation") -> None: ...

    def activation_closed(self, session: Session, instance: "Instance", activation: "Activation") -> None: ...

    def instance_started(self, session: Session, instance: "Instance") -> None: ...

    def instance_ended(self, session: Session, instance: "Instance") -> None: ...
