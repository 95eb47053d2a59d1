"""One way to change the organisation: pages, the Excel import and the REST API all go through it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, Stale
from engine.runtime import Engine
from engine.store.locks import lock_name
from workflows.directory import audit
from workflows.directory.apply import Writer
from workflows.directory.document import Given, GivenRow, Key, Row, RowError, given_by, read_document
from workflows.directory.plan import Plan, plan
from workflows.directory.sections import SECTIONS
from workflows.directory.stored import Stored, load, plain
from workflows.organisation.tree import LOCAL

LOCK = "organisation"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed of one row, so that the second of two people at once is told."""

    section: str
    key: Key
    mark: str


def synchronise(engine: Engine, document: Any, *, actor_id: int, remove: bool = False, dry_run: bool = False) -> Plan:
    """Bring the organisation to what a JSON document says (docs/organisation.md); the same again changes nothing.

    Parameters
    ----------
    document
        An object with a list of rows for each section that it is about (:data:`workflows.directory.sections.SECTIONS`).
    remove
        The sections are complete: what they do not mention is deactivated, ended or removed.
    dry_run
        Say what would change, and change nothing.

    Returns
    -------
    Plan
        With its faults where there are any: then nothing was changed.

    """
    given, errors = given_by(document)
    return synchronise_rows(
        engine, given, errors=errors, actor_id=actor_id, source="api", remove=remove, dry_run=dry_run
    )


def synchronise_rows(
    engine: Engine, given: Given, *, actor_id: int, source: str, errors: Sequence[RowError] = (),
    remove: bool = False, dry_run: bool = False, expected: str | None = None,
) -> Plan:  # fmt: skip
    """Do the same with rows that carry their numbers (a workbook's).

    Raises Stale when the plan is not the ``expected`` one any more: the organisation changed since it was shown.
    """
    with engine.db.read() if dry_run else engine.db.write() as session:
        return _bring(
            engine, session, given, errors=errors, actor_id=actor_id, source=source, remove=remove, dry_run=dry_run,
            expected=expected,
        )  # fmt: skip


def _bring(
    engine: Engine, session: Session, given: Given, *, errors: Sequence[RowError], actor_id: int, source: str,
    remove: bool, dry_run: bool, expected: str | None, without: Collection[tuple[str, Key]] = (),
    seen: Seen | None = None,
) -> Plan:  # fmt: skip
    if not dry_run:
        lock_name(session, LOCK)
    stored = load(session)
    if seen is not None:
        _require_unchanged(stored, seen)
    document = read_document(given)
    document.errors += errors
    at = engine.clock.now()
    found = plan(document, stored, today=at.astimezone(LOCAL).date(), remove=remove, without=without)
    if dry_run or found.errors:
        return found
    if expected is not None and found.digest != expected:
        raise Stale(
            "组织在您查看之后有了变化，请重新查看差异后再执行。"
            " / The organisation changed after you looked: look at the differences again."
        )
    Writer(session, found, stored, actor_id).write()
    lines = [
        audit.Line(
            one.section, " · ".join(str(part) for part in one.key if part is not None), one.operation, one.fields()
        )
        for one in found.changes
    ]
    audit.record(session, lines, actor_id=actor_id, source=source, at=at)
    return found


def edit(
    engine: Engine, rows: Mapping[str, Sequence[Mapping[str, Any]]], *, actor_id: int,
    without: Collection[tuple[str, Key]] = (), seen: Seen | None = None, source: str = "page",
) -> Plan:  # fmt: skip
    """Change a few rows from a page.

    Raises
    ------
    InvalidInput
        With a sentence for each column that is refused; nothing was changed.
    Stale
        Somebody changed the row meanwhile.

    """
    given = {name: [GivenRow(number, row) for number, row in enumerate(of, 1)] for name, of in rows.items()}
    with engine.db.write() as session:
        found = _bring(
            engine, session, given, errors=(), actor_id=actor_id, source=source, remove=False, dry_run=False,
            expected=None, without=without, seen=seen,
        )  # fmt: skip
    if found.errors:
        raise InvalidInput(found.errors[0].sentence, {one.column: one.sentence for one in reversed(found.errors)})
    return found


def row_of(stored: Stored, section: str, *key: Any) -> Row:
    """Return one row. Raises NotFound."""
    row = stored.rows[section].get(key)
    if row is None:
        raise NotFound(f"没有这个{SECTIONS[section].chinese} / There is no such row in {SECTIONS[section].english}")
    return row


def mark_of(row: Row | None) -> str:
    """Return what tells one state of a row from another; forms carry it."""
    return sha256(orjson.dumps(plain(row or {}))).hexdigest()[:16]


def _require_unchanged(stored: Stored, seen: Seen) -> None:
    if mark_of(stored.rows[seen.section].get(seen.key)) != seen.mark:
        raise Stale(
            "刚才有人改了这一条，请刷新后再改。您的改动没有保存。"
            " / Somebody changed this meanwhile: refresh and change it again. Nothing was saved."
        )
