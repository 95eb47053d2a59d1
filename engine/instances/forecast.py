"""What an operation of an operator does to an instance, in data and in words: for the preview before the click."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from sqlalchemy import func, select

from engine.calendars import SHANGHAI
from engine.instances.administration import changes
from engine.instances.fanout import LIVING
from engine.instances.models import FanOut, Instance
from engine.instances.run import Run
from engine.interpreter.contract import (
    ChildrenRequested,
    Effect,
    Ended,
    Failed,
    Left,
    Thrown,
    TimerDropped,
    TimerSet,
    WaitCancelled,
    WaitKind,
    WaitOpened,
    Withdrawn,
)
from engine.interpreter.waits import live_tokens
from engine.tasks.models import Activation, Slot, SlotCandidate

SENTENCES = {
    "cancelled": "取消“{element}” / {element} is cancelled",
    "children-cancelled": "取消“{element}”的 {count} 个子流程 / {count} children of {element} are cancelled",
    "opened": "打开“{element}”，由 {people} 办理 / {element} opens for {people}",
    "opened-for-nobody": "打开“{element}”，但找不到办理人 / {element} opens, but nobody is found for it",
    "waits": "“{element}”开始等待（{wait}） / {element} begins to wait ({wait})",
    "passed": "执行“{element}” / {element} is run",
    "timer-set": "“{element}”定时到 {due} / A timer of {element} is set for {due}",
    "timer-dropped": "撤掉“{element}”的定时 / The timer of {element} is dropped",
    "children": "“{element}”启动 {count} 个子流程 / {element} starts {count} children",
    "thrown": "发出 {name} / {name} is sent",
    "incident": "“{element}”会出错：{message} / {element} fails: {message}",
    "ended": "流程结束（{outcome}） / The instance ends ({outcome})",
    "variable": "变量 {name}：{old} → {new} / Variable {name}: {old} → {new}",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happens: its kind (a key of :data:`SENTENCES`), the element, and what belongs to it."""

    kind: str
    element_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Say it, in Chinese and English."""
        return SENTENCES[self.kind].format(**self.detail)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"kind": self.kind, "element_id": self.element_id, **self.detail, "sentence": self.sentence}


class Forecast:
    """Reads the effects of a run that is not written yet."""

    def __init__(self, run: Run, *, before: Instance) -> None:
        self._run = run
        self._old = {token.token: token.element_id for token in live_tokens(before.snapshot)}
        self._variables = dict(before.variables)

    def changes(self) -> list[Change]:
        """Return everything that happens, in its order; variables come last."""
        found = [change for effect in self._run.effects if (change := self._of(effect)) is not None]
        values = changes(self._variables, self._run.variables)
        found += [
            Change("variable", "", {"name": name, "old": _short(value["from"]), "new": _short(value["to"])})
            for name, value in values.items()
        ]
        return list({(one.kind, one.element_id, str(one.detail)): one for one in found}.values())

    @singledispatchmethod
    def _of(self, effect: Effect) -> Change | None:
        return None

    @_of.register
    def _(self, effect: Withdrawn) -> Change | None:
        return self._change("cancelled", effect.element_id)

    @_of.register
    def _(self, effect: WaitCancelled) -> Change | None:
        if self._type(effect.element_id) != "callActivity":
            return None
        living = (
            select(func.count())
            .select_from(Instance)
            .join(FanOut, FanOut.id == Instance.fanout_id)
            .where(FanOut.instance_id == self._run.instance.id, FanOut.token == effect.token)
            .where(Instance.status.in_(LIVING))
        )
        return self._change("children-cancelled", effect.element_id, count=self._run.session.scalar(living) or 0)

    @_of.register
    def _(self, effect: WaitOpened) -> Change | None:
        if effect.kind is not WaitKind.USER:
            return self._change("waits", effect.element_id, wait=effect.name or effect.kind.value)
        people = self._people(effect.token)
        kind = "opened" if people else "opened-for-nobody"
        return self._change(kind, effect.element_id, people="、".join(people))

    @_of.register
    def _(self, effect: Left) -> Change | None:
        if effect.token in self._old or self._type(effect.element_id).endswith(("Gateway", "Event")):
            return None
        return self._change("passed", effect.element_id)

    @_of.register
    def _(self, effect: TimerSet) -> Change | None:
        due = effect.due.astimezone(SHANGHAI)
        return self._change("timer-set", effect.element_id, due=f"{due:%Y-%m-%d %H:%M}")

    @_of.register
    def _(self, effect: TimerDropped) -> Change | None:
        element = self._old.get(effect.token)
        return self._change("timer-dropped", element) if element else None

    @_of.register
    def _(self, effect: ChildrenRequested) -> Change | None:
        return self._change("children", effect.element_id, count=1 if effect.items is None else len(effect.items))

    @_of.register
    def _(self, effect: Thrown) -> Change | None:
        return Change("thrown", "", {"name": f"{effect.kind} {effect.name}"})

    @_of.register
    def _(self, effect: Failed) -> Change | None:
        return self._change("incident", effect.element_id, message=effect.message)

    @_of.register
    def _(self, effect: Ended) -> Change | None:
        return Change("ended", "", {"outcome": effect.code or effect.outcome})

    def _change(self, kind: str, element_id: str, **detail: Any) -> Change:
        node = self._run.process.nodes.get(element_id)
        return Change(kind, element_id, {"element": (node.name if node else None) or element_id, **detail})

    def _type(self, element_id: str) -> str:
        node = self._run.process.nodes.get(element_id)
        return node.type if node else ""

    def _people(self, token: str) -> list[str]:
        rows = self._run.writer.rows
        activations = {row.id for row in rows[Activation] if row.token == token}
        slots = [row for row in rows[Slot] if row.activation_id in activations]
        people = [slot.owner_id for slot in slots if slot.owner_id is not None]
        pooled = {slot.id for slot in slots}
        people += [row.person_id for row in rows[SlotCandidate] if row.slot_id in pooled]
        return list(self._run.engine.people.names(self._run.session, people).values())


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
