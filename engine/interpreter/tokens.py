"""Tokens: what is alive in an instance.

The task tree of SpiffWorkflow remembers every step and predicts the next ones. Here a task is a *token*: its parent
is the scope that it moves in (the process, an embedded subprocess, a multi-instance body), it is removed as soon as
it has left its element, and nothing is predicted. So the tree is as deep as the drawing is nested, and a snapshot
as large as what is alive.
"""

from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.interpreter.run import Run
    from engine.interpreter.specs import NodeSpec

TIMER = "timer"
ROOT = "0"

INSIDE = ("given", "local", "own", "scope")
"""Keys of the memory under which values are that only the inside of a token sees; the first ones hide the others."""

_DIGITS = 7


def numbered(number: int) -> str:
    """Return a token's number as its id: all of one length, so that a snapshot does not grow with what has been."""
    return f"{number:0{_DIGITS}d}"


NOT_INSIDE = frozenset({"host", "listener", "gate", "item", "detached", "left"})
"""Marks in the memory of tokens that listen, stand in an element that another token has entered, or have left."""


class Token(Task):
    """A token at an element. ``memory`` is all that is stored of it besides place and state; plain JSON.

    Keys of ``memory``: ``flow`` it came by; ``stage`` (absent before entering, then ``in``, ``store``, ``leave``);
    ``wait`` kind of an open wait; ``host`` of a boundary event; ``gate`` of an event-based gateway;
    ``incident`` code of a failure; ``item`` of a multi-instance item or a loop's round; ``total`` of a body that
    holds them; ``undo`` what was completed in a scope and can be compensated; ``listener`` of an event subprocess's
    start that waits; ``event`` which definition of an event with several it waits for; ``interrupted`` of a scope in
    which nothing else begins; ``left`` when the history has it as left; and what a behaviour keeps. Values that only
    the inside of the token sees (:data:`INSIDE`): ``given`` (inputs) and ``local`` (never written), ``own`` (written
    under the names that it has, such as the mapped inputs of a subprocess), ``scope`` (of an item: whatever is
    written inside stays there).
    """

    @property
    def memory(self) -> dict[str, Any]:
        return cast(dict[str, Any], self.internal_data)

    @property
    def spec(self) -> "NodeSpec":
        return cast("NodeSpec", self.task_spec)

    @property
    def run_(self) -> "Run":
        return cast("Run", self.workflow)

    @property
    def scope(self) -> "Token":
        """The scope that the token moves in."""
        return cast("Token", self.parent)

    @property
    def is_root(self) -> bool:
        return bool(self.id == ROOT)

    @property
    def inner(self) -> "list[Token]":
        """The tokens inside, when this is a scope."""
        return list(self.children)

    @property
    def failed(self) -> bool:
        return bool(self.state == TaskState.ERROR)

    def set_waiting(self) -> None:
        self._set_state(TaskState.WAITING)

    def set_failed(self) -> None:
        self._set_state(TaskState.ERROR)
