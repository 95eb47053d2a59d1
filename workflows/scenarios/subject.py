"""What every subject of an expectation is, and what the shapes and the queries of several subjects share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.instances.models import Instance
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.scenarios.schemas import Strict, text
from workflows.scenarios.world import World

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to look at: the shape of its arguments, and a function that gives a plain value."""

    schema: type[Schema]
    observe: Callable[[World, Session, Mapping[str, Any]], Any]


class NoArguments(Strict):
    """A subject that there is once."""


def one_of(*answers: str) -> fields.String:
    """Make the field that says which of several figures is wanted; the first when the scenario does not say."""
    return text(load_default=answers[0], validate=validate.OneOf(answers))


def narrowed(query: Query, model: Any, want: Mapping[str, Any], *names: str) -> Query:
    """Narrow a query of ``model`` to the columns that the expectation names: one value, or any of a list."""
    for name in names:
        if isinstance(want[name], list) and want[name]:
            query = query.where(getattr(model, name).in_(want[name]))
        elif want[name] is not None and not isinstance(want[name], list):
            query = query.where(getattr(model, name) == want[name])
    return query


def in_units(query: Query, world: World, want: Mapping[str, Any], unit_id: Any) -> Query:
    """Narrow a query to the units that the expectation selects; ``unit_id`` is the column that holds them."""
    units = world.unit_ids(want["unit"])
    return query if units is None else query.where(unit_id.in_(units))


def instance_unit(model: Any) -> Any:
    """Return the unit of the instance that a row of ``model`` belongs to, for :func:`in_units`."""
    return select(Instance.unit_id).where(Instance.id == model.instance_id).scalar_subquery()


def number_of(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    """Count the rows of a query."""
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def same_or_all(values: Sequence[Any]) -> Any:
    """Return the value that all share; else all of them in order."""
    return values[0] if values and all(value == values[0] for value in values) else list(values)


def last_campaign(session: Session) -> Campaign:
    """Return the campaign that was launched last; raises NotFound before the first one."""
    campaign = session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
    if campaign is None:
        raise NotFound(say("还没有启动专项行动"))
    return campaign
