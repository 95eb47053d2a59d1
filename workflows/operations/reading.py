"""What operators write on the command line, read into the engine's values."""

import json
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput, NotFound
from engine.interpreter.contract import Start
from workflows.organisation.models import Person


def operator_id(session: Session, login: str) -> int:
    """Return the id of the administrator with this login. Raises NotFound for anybody else."""
    person = session.scalars(select(Person).where(Person.login == login)).one_or_none()
    if person is None or not person.active or not person.is_administrator:
        raise NotFound(f"“{login}”不是管理员 / {login} is no administrator")
    return person.id


def version_of(session: Session, text: str) -> PackageVersion:
    """Return the version that ``key@3`` names; ``key`` alone is the live one. Raises NotFound."""
    key, _, number = text.partition("@")
    query = select(PackageVersion).where(PackageVersion.key == key)
    query = query.where(PackageVersion.version == int(number)) if number.isdigit() else query.where(PackageVersion.live)
    found = session.scalars(query).first()
    if found is None or (number and not number.isdigit()):
        raise NotFound(f"没有版本“{text}” / There is no version {text}")
    return found


def values_of(assignments: Sequence[str]) -> dict[str, Any]:
    """Read ``name=value`` pairs; a value is JSON, or a text where it is none."""
    found: dict[str, Any] = {}
    for text in assignments:
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise InvalidInput(f"“{text}”应写成 名称=值 / Write {text} as name=value")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value
    return found


def mapping_of(pairs: Sequence[str], taken_out: Sequence[str]) -> dict[str, str | None]:
    """Read ``old=new`` pairs, and elements that are taken out of the mapping."""
    found: dict[str, str | None] = {}
    for text in pairs:
        old, separator, new = text.partition("=")
        if not separator or not old or not new:
            raise InvalidInput(f"“{text}”应写成 旧环节=新环节 / Write {text} as old=new")
        found[old] = new
    return {**found, **dict.fromkeys(taken_out)}


def starts_of(before: Sequence[str], after: Sequence[str]) -> list[Start]:
    """Read where to go on: ``element``, or ``element@token`` inside a certain scope or item."""
    found = []
    for texts, is_after in ((before, False), (after, True)):
        for text in texts:
            element, _, inside = text.partition("@")
            found.append(Start(element_id=element, after=is_after, inside=inside or None))
    return found


def cancels_of(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Read what is cancelled: ``@token``, or an element whose tokens are all meant. Returns tokens and elements."""
    return [one[1:] for one in texts if one.startswith("@")], [one for one in texts if not one.startswith("@")]


def show_json(value: Any) -> None:
    """Print JSON for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
