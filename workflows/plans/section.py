"""How a part of the domain adds its section to ``plan.yaml`` and its verbs to the steps (docs/plans.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields

Step = Mapping[str, Any]
"""A step as the author may write it: one verb and its options."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a plan. ``path`` leads to the place (``phases``, 2, ``starts``)."""

    path: tuple[str | int, ...]
    message: str
    line: int = 0

    @property
    def place(self) -> str:
        """The path as people write it: ``phases[2].starts``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
        return text


@dataclass(frozen=True, slots=True)
class Verb:
    """A step that a part offers beside the plain ones.

    ``schema`` are its options beside ``code`` and ``name``; the verb's own value is loaded under ``of``. ``expand``
    writes it in other verbs: it is given the checked options and the whole checked plan.
    """

    schema: type[Schema]
    expand: Callable[[Mapping[str, Any], Mapping[str, Any]], Sequence[Step]]
    summary: str


@dataclass(frozen=True, slots=True)
class Section:
    """A top-level key of ``plan.yaml``.

    Parameters
    ----------
    name
        The key.
    shape
        Its form; ``load_default`` is what an absent section means.
    check
        Looks over the whole plan once every section has its shape: references between sections.
    verbs
        Steps that this part offers.

    """

    name: str
    shape: fields.Field[Any]
    check: Callable[[Mapping[str, Any]], Iterable[Problem]] | None = None
    verbs: Mapping[str, Verb] = field(default_factory=dict)
