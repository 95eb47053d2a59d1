"""The name of a unit or a person as a column of a statement: in both languages, said in the reader's."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Bundle

from engine.wording import named
from workflows.organisation.models import Person, Unit


class _Name(Bundle[str]):
    """Two columns that come as one text (:func:`engine.wording.named`), empty where an outer join found nobody."""

    def create_row_processor(
        self, query: Select[Any], procs: Sequence[Callable[[Row[Any]], Any]], labels: Sequence[str]
    ) -> Callable[[Row[Any]], str]:
        chinese, english = procs
        return lambda row: named(chinese(row) or "", english(row) or "")


def name_of(model: type[Unit] | type[Person]) -> Bundle[str]:
    """Return the column ``name`` of units or people (or an alias of them) in both languages."""
    return _Name("name", model.name, model.name_en)
