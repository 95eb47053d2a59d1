"""A plain interpreter of the tree: recursion and continuations, no graph, no tokens, nothing of the engine's.

It says what must be open, what was entered and left, and in which order within one step: each event knows the
events that caused it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tests.support.structured.regions import After, Event, Place, Region, Scope, Values, Wait
from tests.support.structured.tree import (
    And,
    Block,
    Edge,
    First,
    Guarded,
    Handler,
    Loop,
    Many,
    Or,
    Pass,
    Repeat,
    Seq,
    Stop,
    Sub,
    Task,
    Throw,
    Xor,
    choices,
    goes_on,
)


class Reference:
    """Runs a tree. ``events`` are those of the last step."""

    def __init__(self, tree: Sub) -> None:
        self.variables = Values(own=dict(choices(tree)))
        self.outcome: str | None = None
        self.events: list[Event] = []
        self._before = 0
        self._waits: list[Wait] = []
        self._causes: frozenset[int] = frozenset()
        root = Scope(Region(), lambda: self._end("completed"))
        self._root = root
        self._inside(tree, "n", root, self.variables)

    @property
    def waits(self) -> list[Wait]:
        """What is open, oldest first."""
        self._waits = [wait for wait in self._waits if wait.region.holds()]
        return self._waits if self.outcome is None else []

    def step(self, wait: Wait, result: dict[str, Any]) -> None:
        """Let something that is open happen."""
        self._before += len(self.events)
        self.events, self._causes = [], frozenset()
        if not wait.stays:
            self._waits.remove(wait)
        wait.happen(result)

    def _end(self, outcome: str) -> None:
        self._root.region.alive = False
        self.outcome = outcome

    def _note(self, element: str, *, entered: bool) -> None:
        number = self._before + len(self.events)
        self.events.append(Event(number, entered, element, self._causes))
        self._causes = frozenset({number})

    def _enter(self, element: str) -> None:
        self._note(element, entered=True)

    def _leave(self, element: str) -> None:
        self._note(element, entered=False)

    def _pass(self, element: str) -> None:
        self._enter(element)
        self._leave(element)

    def _open(
        self, element: str, kind: str, region: Region, happen: Callable[[dict[str, Any]], None], *,
        optional: bool = False, stays: bool = False,
    ) -> None:  # fmt: skip
        self._waits.append(Wait(element, kind, region, happen, optional, stays))

    # Scopes

    def _inside(self, sub: Sub, name: str, scope: Scope, values: Values) -> None:
        for number, handler in enumerate(sub.handlers):
            self._listen(handler, f"{name}_h_{number}", scope, values)
        self._pass(f"{name}_s")
        self._run(
            sub.body, f"{name}_0", Place(scope, scope.inner, values), lambda: self._end_thread(scope, f"{name}_e")
        )

    def _end_thread(self, scope: Scope, element: str) -> None:
        self._pass(element)
        scope.thread_ends()

    def _listen(self, handler: Handler, name: str, scope: Scope, values: Values) -> None:
        def happen(_: dict[str, Any]) -> None:
            if handler.interrupting:
                scope.inner.alive = scope.listening.alive = False
                scope.inner, scope.threads = Region(scope.region), 0
            scope.threads += 1
            region = Region(scope.inner)
            inner = Scope(region, lambda: (self._leave(f"{name}_es"), scope.thread_ends())[1])
            self._enter(f"{name}_es")
            self._pass(f"{name}_on")
            self._run(
                handler.body, name, Place(inner, inner.inner, values),
                lambda: self._end_thread(inner, f"{name}_end"),
            )  # fmt: skip

        stays = not handler.interrupting
        self._open(f"{name}_on", "message", scope.listening, happen, optional=True, stays=stays)

    # Blocks

    def _run(self, block: Block, name: str, at: Place, after: After) -> None:  # noqa: PLR0912  (a case a block)
        match block:
            case Task() | Sub() | Many() | Repeat():
                self._activity(block, name, at, Region(at.region), after)
            case Pass():
                self._pass(name)
                after()
            case Seq(parts):
                self._sequence(parts, 0, name, at, after)
            case Xor(branches, chosen):
                self._pass(f"{name}_split")
                self._run(branches[chosen], f"{name}_{chosen}", at, self._merging(name, after))
            case Or(branches, taken):
                self._fork(branches, sorted(taken) or [0], name, at, after)
            case And(branches):
                if goes_on(block):
                    self._fork(branches, range(len(branches)), name, at, after)
                else:
                    self._scatter(branches, name, at)
            case Loop(body):
                self._round(body, name, at, after)
            case Guarded():
                self._guarded(block, name, at, after)
            case First(branches):
                self._first(branches, name, at, after)
            case Throw(code):
                self._task(name, at, lambda: (self._pass(f"{name}_end"), self._throw(code, at.region))[1])
            case Stop():
                self._task(name, at, lambda: self._terminate(f"{name}_end", at.scope))

    def _merging(self, name: str, after: After) -> After:
        def merge() -> None:
            self._pass(f"{name}_merge")
            after()

        return merge

    def _task(self, name: str, at: Place, after: After) -> None:
        def done(result: dict[str, Any]) -> None:
            at.values.own.update(result)
            self._leave(name)
            after()

        self._enter(name)
        self._open(name, "user", at.region, done)

    def _sequence(self, parts: Sequence[Block], number: int, name: str, at: Place, after: After) -> None:
        last = number == len(parts) - 1
        then = after if last else lambda: self._sequence(parts, number + 1, name, at, after)
        self._run(parts[number], f"{name}_{number}", at, then)

    def _fork(self, branches: Sequence[Block], taken: Sequence[int], name: str, at: Place, after: After) -> None:
        missing = set(taken)
        arrivals: set[int] = set()

        def arrive(number: int) -> None:
            missing.remove(number)
            arrivals.update(self._causes)
            if not missing:
                self._causes = frozenset(arrivals)
                self._merging(name, after)()

        self._pass(f"{name}_split")
        forked = self._causes
        for number in taken:
            self._causes = forked
            self._run(branches[number], f"{name}_{number}", at, partial(arrive, number))

    def _scatter(self, branches: Sequence[Block], name: str, at: Place) -> None:
        self._pass(f"{name}_split")
        forked = self._causes
        at.scope.threads += len(branches) - 1
        for number, branch in enumerate(branches):
            self._causes = forked
            self._run(branch, f"{name}_{number}", at, partial(self._end_thread, at.scope, f"{name}_end_{number}"))

    def _round(self, body: Block, name: str, at: Place, after: After) -> None:
        def asked(result: dict[str, Any]) -> None:
            at.values.own.update(result)
            self._leave(f"{name}_ask")
            self._pass(f"{name}_more")
            if result[f"again_{name}"]:
                self._round(body, name, at, after)
            else:
                self._pass(f"{name}_out")
                after()

        def ask() -> None:
            self._enter(f"{name}_ask")
            self._open(f"{name}_ask", "user", at.region, asked)

        self._pass(f"{name}_again")
        self._run(body, f"{name}_0", at, ask)

    def _first(self, branches: Sequence[tuple[str, Block]], name: str, at: Place, after: After) -> None:
        self._pass(f"{name}_split")
        race = Region(at.region)
        for number, (kind, branch) in enumerate(branches):

            def happen(_: dict[str, Any], number: int = number, branch: Block = branch) -> None:
                race.alive = False
                self._pass(f"{name}_on_{number}")
                self._run(branch, f"{name}_{number}", at, self._merging(name, after))

            self._open(f"{name}_on_{number}", kind, race, happen)

    # Activities

    def _activity(self, block: Task | Sub | Many | Repeat, name: str, at: Place, region: Region, after: After) -> None:
        """Run an activity in a region of its own, which is gone when it is left."""

        def left() -> None:
            region.alive = False
            self._leave(name)
            after()

        self._enter(name)
        match block:
            case Many(inner, count, sequential):
                self._items(inner, name, at.within(region), count, left, sequential=sequential)
            case Repeat(inner, times):
                self._rounds(inner, name, at.within(region), times, left)
            case _:
                self._perform(block, name, at.within(region), left)

    def _perform(self, block: Task | Sub, name: str, at: Place, done: After) -> None:
        if isinstance(block, Sub):
            scope = Scope(Region(at.region), done)
            self._inside(block, name, scope, at.values)
            return

        def completed(result: dict[str, Any]) -> None:
            at.values.own.update(result)
            done()

        self._open(name, "user", at.region, completed)

    def _items(self, inner: Task | Sub, name: str, at: Place, count: int, done: After, *, sequential: bool) -> None:
        left = count
        opened = self._causes

        def item() -> None:
            values, item_region = Values(at.values), Region(at.region)

            def over() -> None:
                nonlocal left
                left -= 1
                item_region.alive = False
                values.give_back()
                if left == 0:
                    done()
                elif sequential:
                    item()

            self._perform(inner, name, Place(at.scope, item_region, values), over)

        if count == 0:
            done()
        for _ in range(min(count, 1) if sequential else count):
            self._causes = opened
            item()

    def _rounds(self, inner: Task | Sub, name: str, at: Place, times: int, done: After) -> None:
        round_region = Region(at.region)

        def over() -> None:
            round_region.alive = False
            if times > 1:
                self._rounds(inner, name, at, times - 1, done)
            else:
                done()

        self._perform(inner, name, at.within(round_region), over)

    def _guarded(self, block: Guarded, name: str, at: Place, after: After) -> None:
        host, edges = Region(at.region), Region(at.region)
        merge = self._merging(name, after)

        def interrupt(edge: Edge, edge_name: str) -> None:
            host.alive = edges.alive = False
            self._pass(f"{edge_name}_on")
            self._run(edge.body, edge_name, at, merge)

        def catches(code: str) -> After | None:
            found = [n for n, edge in enumerate(block.edges) if edge.kind == "error" and edge.code in ("", code)]
            found.sort(key=lambda n: block.edges[n].code == "")
            return (lambda: interrupt(block.edges[found[0]], f"{name}_b_{found[0]}")) if found else None

        def host_left() -> None:
            edges.alive = False
            merge()

        host.catches = catches
        if not (isinstance(block.host, Many) and block.host.count == 0):
            for number, edge in enumerate(block.edges):
                self._arm(edge, f"{name}_b_{number}", at, edges, interrupt)
        self._activity(block.host, f"{name}_0", at, host, host_left)

    def _arm(self, edge: Edge, name: str, at: Place, edges: Region, interrupt: Callable[[Edge, str], None]) -> None:
        def happen(_: dict[str, Any]) -> None:
            if edge.interrupting:
                interrupt(edge, name)
                return
            at.scope.threads += 1
            self._pass(f"{name}_on")
            self._run(edge.body, name, at, lambda: self._end_thread(at.scope, f"{name}_end"))

        if edge.kind != "error":
            stays = edge.kind == "message" and not edge.interrupting
            self._open(f"{name}_on", edge.kind, edges, happen, optional=True, stays=stays)

    # Ends

    def _throw(self, code: str, region: Region) -> None:
        at: Region | None = region
        while at is not None:
            caught = at.catches(code)
            if caught is not None:
                caught()
                return
            at = at.parent
        self._end("error")

    def _terminate(self, element: str, scope: Scope) -> None:
        self._pass(element)
        if scope is self._root:
            self._end("terminated")
        else:
            scope.close()
