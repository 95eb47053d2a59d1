"""What every subject of an expectation is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from workflows.scenarios.world import World


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to look at."""

    schema: type[Schema]
    observe: Callable[[World, Session, Mapping[str, Any]], Any]
