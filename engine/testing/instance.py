"""One instance in the hands of a suite: what it shows, and what can be done to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.errors import NotFound
from engine.instances import models
from engine.interpreter.contract import VariablesSet
from engine.interpreter.errors import BpmnError, UnknownToken
from engine.testing import moves, observed
from engine.testing.observed import Incident, OpenItem

if TYPE_CHECKING:
    from engine.runtime import Engine
    from engine.testing.playground import Playground


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance, read anew whenever it is asked; two are equal when they are the same one.

    What can be done takes an :class:`OpenItem`, or the id of an element whose oldest item is meant. It raises
    :class:`engine.errors.NotFound` for an element that is not open and :class:`engine.errors.Stale` for an item that
    is over.
    """

    playground: "Playground"
    id: int

    def __repr__(self) -> str:
        return f"<{self.process_id} {self.id} {self.state}>"

    @property
    def process_id(self) -> str:
        """The process that it runs."""
        return self._row().process_id

    @property
    def state(self) -> str:
        """``running``, ``suspended``, ``completed``, or ``terminated`` (by a terminate end event or an error)."""
        return str(self._row().status)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables as they are now."""
        return dict(self._row().variables)

    @property
    def open_items(self) -> list[OpenItem]:
        """What it waits for, oldest first; what its children wait for is theirs."""
        with self._engine.db.read() as session:
            return observed.open_items(self._engine, session, session.get_one(models.Instance, self.id))

    @property
    def trace(self) -> list[str]:
        """The ids of the elements that were completed, in their order; what was interrupted is not among them."""
        return self._passed("leave")

    @property
    def entered(self) -> list[str]:
        """The ids of the elements that were entered, in their order."""
        return self._passed("enter")

    @property
    def incidents(self) -> list[Incident]:
        """What failed, was caught by nothing, and waits for a person; oldest first."""
        with self._engine.db.read() as session:
            return observed.incidents(session, self.id)

    @property
    def uncaught(self) -> list[str]:
        """The codes of errors and escalations that nothing in the diagram caught, in their order."""
        with self._engine.db.read() as session:
            return observed.uncaught(session, self.id)

    @property
    def children(self) -> "list[Instance]":
        """The instances that its call activities started, oldest first."""
        with self._engine.db.read() as session:
            query = select(models.Instance.id).where(models.Instance.parent_id == self.id)
            return [Instance(self.playground, one) for one in session.scalars(query.order_by(models.Instance.id))]

    def complete(self, item: OpenItem | str, variables: Mapping[str, Any] | None = None) -> None:
        """Complete an open item with the variables that it sets."""
        moves.finish(self._engine, self._item(item), variables or {})
        self.playground.settle()

    def trigger(self, item: OpenItem | str, payload: Mapping[str, Any] | None = None) -> None:
        """Let exactly this timer or subscription happen, whatever the clock says; a timer has no payload."""
        self.complete(item, payload)

    def fail(self, item: OpenItem | str, code: str, message: str = "") -> None:
        """End an open item with a BPMN error: the innermost matching catcher takes it, else it is an incident."""
        moves.fail(self._engine, self._item(item), BpmnError(code, message))
        self.playground.settle()

    def escalate(self, item: OpenItem | str, code: str, payload: Mapping[str, Any] | None = None) -> None:
        """Raise an escalation where an open item stands; it stays open unless an interrupting catcher takes it."""
        moves.escalate(self._engine, self._item(item), code, payload or {})
        self.playground.settle()

    def set_variables(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Set variables from outside the diagram; conditional events look at them at once."""
        stimulus = VariablesSet(at=self.playground.now, values={**(values or {}), **more})
        moves.move(self._engine, self.id, [stimulus])
        self.playground.settle()

    @property
    def _engine(self) -> "Engine":
        return self.playground.engine

    def _row(self) -> models.Instance:
        with self._engine.db.read() as session:
            return session.get_one(models.Instance, self.id)

    def _passed(self, operation: str) -> list[str]:
        with self._engine.db.read() as session:
            return observed.passed(session, self.id, operation)

    def _item(self, item: OpenItem | str) -> OpenItem:
        if isinstance(item, str):
            found = next((one for one in self.open_items if one.element_id == item), None)
            if found is None:
                raise NotFound(f"“{item}”没有打开 / {item} is not open")
            return found
        if item.token not in {one.token for one in Instance(self.playground, item.instance_id).open_items}:
            raise UnknownToken(item.token)
        return item
