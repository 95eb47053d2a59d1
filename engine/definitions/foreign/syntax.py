"""The tree that every foreign expression and script is read into, before it is written as FEEL or JavaScript.

Readers (:mod:`juel`, :mod:`braces`, :mod:`python`) make these nodes, :mod:`calls` gives method calls their meaning,
writers (:mod:`feel`, :mod:`javascript`) turn them into text.
"""

from dataclasses import dataclass

from engine.errors import DubanError


class Untranslatable(DubanError):
    """What has no equivalent here; the message is a sentence for the designer, Chinese " / " English."""

    code = "untranslatable"
    status = 422


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``; ``safe`` is null where ``of`` is null, instead of an error."""

    of: "Expression"
    name: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """``of[at]``, counted from 0, or a key."""

    of: "Expression"
    at: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is written: ``function`` is a :class:`Name` or :class:`Member`."""

    function: "Expression"
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A call whose meaning is known: ``name`` is one of :data:`calls.OPERATIONS`."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``operator`` is ``-``, ``not`` or ``empty``."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """``operator`` is ``or and == != < <= > >= in + - * / div % mod **``.

    ``div`` is a division of whole numbers that rounds down, ``%`` has the sign of the dividend, ``mod`` that of the
    divisor.
    """

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? then : otherwise``."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    entries: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A map."""

    entries: tuple[tuple["Expression", "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A text put together: ``a${b}c``."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """``result`` for every ``variable`` of ``source`` that ``condition`` lets pass. ``kind``: list, any, all, sum."""

    kind: str
    variable: str
    source: "Expression"
    result: "Expression"
    condition: "Expression | None" = None


Expression = (
    Literal | Name | Member | Index | Call | Operation | Unary | Binary | Conditional
    | Items | Entries | Joined | ForEach
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value``. ``declares`` a name that is the script's own and no process variable."""

    target: Name | Member | Index | Operation
    value: Expression
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression whose value nobody takes, unless the script's result is asked for."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Remove:
    """A process variable is deleted."""

    name: str


@dataclass(frozen=True, slots=True)
class If:
    """``if (condition) then else otherwise``."""

    condition: Expression
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """``body`` for every ``variable`` of ``source``."""

    variable: str
    source: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class While:
    """``body`` while ``condition`` holds."""

    condition: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Throw:
    """A BPMN error with a code, or (``code`` None) an exception that is none."""

    code: Expression | None
    message: Expression | None


@dataclass(frozen=True, slots=True)
class Return:
    """The script is over; ``value`` is its result."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class Break:
    """The loop around it is over."""


Statement = Assign | Evaluate | Remove | If | Loop | While | Throw | Return | Break
