"""What one transaction is going to write: gathered while a turn runs, written in few statements at its end."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from engine.datastores.turn import TurnStores
from engine.errors import DubanError
from engine.history import HistoryLine, Line, chain
from engine.history.visits import Visits
from engine.instances.models import FanOut, Incident, IncidentStatus, Instance, InstanceStatus
from engine.messages.models import Subscription
from engine.ports import News
from engine.store import Base
from engine.store.bulk import fill_defaults, insert_rows, update_changed, values_of
from engine.store.pipeline import pipelined
from engine.tasks.models import Activation, Copy, Notice, Slot, SlotCandidate, Submission
from engine.work.models import ADMINISTRATIVE, Errand, Work
from engine.work.service import earliest_due

if TYPE_CHECKING:
    from engine.runtime import Engine

# The order in which rows may refer to each other.
ORDER: tuple[type[Base], ...] = (
    FanOut, Activation, Slot, SlotCandidate, Submission, Work, Subscription, Errand, Incident, Copy, Notice,
)  # fmt: skip


@dataclass(slots=True)
class TurnWriter:
    """Rows, history lines and dropped work of one transaction.

    New rows are plain values until :meth:`write` inserts them, one statement a table; rows that were loaded are
    changed in place and written once. Nothing may flush before: run the turn inside :meth:`quiet`.
    """

    engine: "Engine"
    session: Session
    at: datetime
    rows: dict[type[Base], list[Any]] = field(default_factory=lambda: defaultdict(list))
    instances: list[Instance] = field(default_factory=list)
    touched: dict[int, Instance] = field(default_factory=dict)
    lines: list[tuple[Instance, Line]] = field(default_factory=list)
    told: list[Callable[[], None]] = field(default_factory=list)
    happened: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    dropped: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    emptied: set[int] = field(default_factory=set)
    settled: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    unsubscribed: dict[int, set[str] | None] = field(default_factory=dict)
    done_work: set[int] = field(default_factory=set)
    elsewhere_due: bool = False
    visits: Visits = field(init=False)
    stores: TurnStores = field(init=False)

    def __post_init__(self) -> None:
        self.visits = Visits(self.at)
        self.stores = TurnStores(self.session, self.at)

    def add(self, *rows: Base) -> None:
        """Take a new row; its defaults are filled in now, so that others can refer to its id."""
        for row in rows:
            fill_defaults(row)
            self.rows[type(row)].append(row)

    @contextmanager
    def taking_back(self) -> Iterator[None]:
        """Take back the rows, lines and messages that are gathered inside when it ends with an error."""
        before = {model: len(rows) for model, rows in self.rows.items()}
        lines, told, happened = len(self.lines), len(self.told), len(self.happened)
        try:
            yield
        except DubanError:
            for model, rows in self.rows.items():
                del rows[before.get(model, 0) :]
            del self.lines[lines:]
            del self.told[told:]
            del self.happened[happened:]
            raise

    def begin(self, instance: Instance) -> None:
        """Take a new instance."""
        fill_defaults(instance)
        self.instances.append(instance)

    def touch(self, instance: Instance) -> None:
        """Say that this instance's version moves and its due time may have changed."""
        if instance.id not in self.touched:
            self.touched[instance.id] = instance

    def line(self, instance: Instance, operation: str, **values: Any) -> None:
        """Write a line of history."""
        self.lines.append((instance, Line(operation=operation, at=values.pop("at", self.at), **values)))

    def work(
        self, instance: Instance, kind: str, due: datetime, payload: Mapping[str, Any], token: str | None = None
    ) -> None:
        """Schedule work of an instance that this transaction has locked or makes."""
        self.add(
            Work(instance_id=instance.id, kind=kind, token=token, payload=dict(payload), due=due, created_at=self.at)
        )
        self.touch(instance)

    def drop(self, instance: Instance, token: str) -> None:
        """Drop the work of a wait, written or about to be."""
        self.dropped[instance.id].add(token)
        self._forget(lambda work: work.instance_id == instance.id and work.token == token)
        self.touch(instance)

    def unsubscribe(self, instance: Instance, token: str) -> None:
        """Remove the subscriptions of a wait, written or about to be."""
        tokens = self.unsubscribed.setdefault(instance.id, set())
        if tokens is not None:
            tokens.add(token)
        self._unwrite(lambda row: row.instance_id == instance.id and row.token == token)

    def is_unsubscribed(self, instance: Instance, token: str) -> bool:
        """Say whether this transaction removes the subscriptions of a wait."""
        if instance.id not in self.unsubscribed:
            return False
        tokens = self.unsubscribed[instance.id]
        return tokens is None or token in tokens

    def drop_everything(self, instance: Instance, *, subscriptions: bool = True) -> None:
        """Drop all work of an instance that is over but what operators want of it, and its subscriptions.

        ``subscriptions`` False says that it can have none.
        """
        if subscriptions:
            self.unsubscribed[instance.id] = None
            self._unwrite(lambda row: row.instance_id == instance.id)
        self.emptied.add(instance.id)
        self._forget(lambda work: work.instance_id == instance.id and work.kind not in ADMINISTRATIVE)
        self.touch(instance)

    def settle(self, instance: Instance, token: str) -> None:
        """Take back the incidents of a token that has left its element or was taken away from it."""
        self.settled[instance.id].add(token)

    def tell(self, event: str, *arguments: Any) -> None:
        """Tell the listeners once the rows are written."""
        self.happened.append((event, arguments))
        for listener in self.engine.listeners:
            self.told.append(partial(getattr(listener, event), self.session, *arguments))

    @property
    def rings(self) -> bool:
        """Whether work is due at once, so that the doorbell should ring after the commit."""
        return self.elsewhere_due or bool(self.rows[Errand]) or any(work.due <= self.at for work in self.rows[Work])

    def write(self) -> None:
        """Write everything; the caller's transaction commits."""
        with self.session.no_autoflush:
            lines = chain(self.lines, key=self.engine.history_key)
            self._count_incidents()
            self._give_news()
            self._write_new_instances()
            self._move_due_times()
            with pipelined(self.session) as counts:
                self._delete_work()
                self._delete_subscriptions()
                if lines:
                    insert_rows(self.session, HistoryLine, lines)
                for model in ORDER:
                    if self.rows[model]:
                        insert_rows(self.session, model, [values_of(row) for row in self.rows[model]])
                self.visits.write(self.session)
                update_changed(self.session, counts)
            self.session.flush()
        for call in self.told:
            call()
        self.stores.flush()

    def _give_news(self) -> None:
        """Have people told of what happened, by an errand of this transaction."""
        if self.engine.herald is None:
            return
        news = News(self.at, notices=[notice.id for notice in self.rows[Notice]])
        for event, arguments in self.happened:
            if event == "activation_opened":
                news.opened.append(arguments[1].id)
            elif event == "activation_closed":
                news.closed.append(arguments[1].id)
            elif event == "instance_ended":
                news.ended.append(arguments[0].id)
        errand = self.engine.herald.errand_about(self.session, news) if news else None
        if errand is not None:
            self.add(errand)

    def _delete_work(self) -> None:
        conditions: list[Any] = []
        for instance_id, tokens in self.dropped.items():
            conditions.append((Work.instance_id == instance_id) & Work.token.in_(sorted(tokens)))
        if self.emptied:
            conditions.append(Work.instance_id.in_(sorted(self.emptied)) & Work.kind.not_in(ADMINISTRATIVE))
        if self.done_work:
            conditions.append(Work.id.in_(sorted(self.done_work)))
        new = {instance.id for instance in self.instances}
        if conditions and (self.done_work or not new.issuperset({*self.dropped, *self.emptied})):
            statement = delete(Work).where(or_(*conditions))
            self.session.execute(statement, execution_options={"synchronize_session": False})

    def _count_incidents(self) -> None:
        """Keep the instances' numbers of open incidents; nothing is asked of the database where there are none."""
        at_hand = {**self.touched, **{instance.id: instance for instance in self.instances}}
        for instance in at_hand.values():
            gone = self.settled.get(instance.id, set())
            over = instance.id in self.emptied
            if instance.open_incidents and (gone or over):
                instance.open_incidents -= self._close_incidents(instance, None if over else gone)
        for incident in self.rows[Incident]:
            over = incident.instance_id in self.emptied
            if over or incident.token in self.settled.get(incident.instance_id, ()):
                incident.status, incident.resolved_at = IncidentStatus.OBSOLETE, self.at
            else:
                at = incident.instance_id
                (at_hand.get(at) or self.session.get_one(Instance, at)).open_incidents += 1

    def _close_incidents(self, instance: Instance, tokens: set[str] | None) -> int:
        statement = update(Incident).where(Incident.instance_id == instance.id, Incident.status == IncidentStatus.OPEN)
        if tokens is None:
            statement = statement.where(or_(Incident.work_kind.is_(None), Incident.work_kind.not_in(ADMINISTRATIVE)))
        else:
            statement = statement.where(Incident.token.in_(sorted(tokens)))
        statement = statement.values(status=IncidentStatus.OBSOLETE, resolved_at=self.at)
        result = self.session.execute(statement, execution_options={"synchronize_session": False})
        return int(result.rowcount)  # type: ignore[attr-defined]

    def _delete_subscriptions(self) -> None:
        new = {instance.id for instance in self.instances}
        conditions: list[Any] = [
            Subscription.instance_id == instance_id
            if tokens is None
            else (Subscription.instance_id == instance_id) & Subscription.token.in_(sorted(tokens))
            for instance_id, tokens in self.unsubscribed.items()
            if instance_id not in new
        ]
        if conditions:
            statement = delete(Subscription).where(or_(*conditions))
            self.session.execute(statement, execution_options={"synchronize_session": False})

    def _write_new_instances(self) -> None:
        if not self.instances:
            return
        for instance in self.instances:
            dues = [work.due for work in self.rows[Work] if work.instance_id == instance.id]
            instance.next_due = min(dues, default=None)
        self.session.add_all(self.instances)
        self.session.flush()

    def _move_due_times(self) -> None:
        new = {instance.id for instance in self.instances}
        for instance in self.touched.values():
            if instance.id in new:
                continue
            dues = [work.due for work in self.rows[Work] if work.instance_id == instance.id]
            suspended = instance.status == InstanceStatus.SUSPENDED
            if suspended or self.done_work or instance.id in self.dropped or instance.id in self.emptied:
                instance.next_due = earliest_due(instance).scalar_subquery()
            elif dues and (instance.next_due is None or min(dues) < instance.next_due):
                instance.next_due = min(dues)

    def _unwrite(self, unwanted: Callable[[Subscription], bool]) -> None:
        self.rows[Subscription] = [row for row in self.rows[Subscription] if not unwanted(row)]

    def _forget(self, unwanted: Callable[[Work], bool]) -> None:
        self.rows[Work] = [work for work in self.rows[Work] if not unwanted(work)]
