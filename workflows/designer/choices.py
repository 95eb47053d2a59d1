"""Something that a designer chooses instead of typing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what is written, and how it is called in both languages; ``more`` is its own kind's."""

    value: str
    label: str
    label_en: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
