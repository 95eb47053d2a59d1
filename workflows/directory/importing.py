"""An import in two steps: a workbook is looked at and kept for a day, then it is applied as it was shown."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, Stale
from engine.runtime import Engine
from workflows.directory.plan import Plan
from workflows.directory.service import synchronise_rows
from workflows.directory.workbook import read_workbook, report_workbook
from workflows.organisation.models import OrganisationImport

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """An import that was looked at."""

    upload: OrganisationImport
    plan: Plan


def upload(engine: Engine, *, content: bytes, filename: str, remove: bool, actor_id: int) -> int:
    """Keep a workbook that can be read; returns its number. Raises InvalidInput for one that cannot."""
    read_workbook(content)
    at = engine.clock.now()
    row = OrganisationImport(
        actor_id=actor_id, filename=filename.strip()[:200] or "organisation.xlsx", content=content, remove=remove,
        uploaded_at=at,
    )  # fmt: skip
    with engine.db.write() as session:
        session.execute(
            update(OrganisationImport).where(OrganisationImport.uploaded_at < at - KEPT).values(content=None)
        )
        session.add(row)
        session.flush()
        return row.id


def preview(engine: Engine, *, import_id: int, actor_id: int) -> Preview:
    """Say what an import would change now; ``plan.digest`` is what :func:`apply` expects."""
    row, content = _kept(engine, import_id)
    return Preview(row, _run(engine, content, row, actor_id=actor_id, dry_run=True))


def apply(engine: Engine, *, import_id: int, actor_id: int, expected: str) -> Plan:
    """Apply an import as it was shown, in one transaction.

    Raises
    ------
    Stale
        The organisation changed since, or the import was applied already.
    InvalidInput
        There are faults; nothing was changed.

    """
    row, content = _kept(engine, import_id)
    found = _run(engine, content, row, actor_id=actor_id, dry_run=False, expected=expected)
    if found.errors:
        raise InvalidInput("文件里还有错误，什么都没有导入 / There are faults in the file: nothing was imported")
    with engine.db.write() as session:
        session.execute(
            update(OrganisationImport)
            .where(OrganisationImport.id == import_id)
            .values(applied_at=engine.clock.now(), content=None)
        )
    return found


def report(engine: Engine, *, import_id: int, actor_id: int, english: bool) -> bytes:
    """Return the uploaded workbook with a column of faults."""
    row, content = _kept(engine, import_id)
    found = _run(engine, content, row, actor_id=actor_id, dry_run=True)
    return report_workbook(content, found.errors, english=english)


def recent(session: Session, *, limit: int = 20) -> list[OrganisationImport]:
    """Return the latest imports, the newest first."""
    return list(
        session.scalars(select(OrganisationImport).order_by(OrganisationImport.uploaded_at.desc()).limit(limit))
    )


def _run(
    engine: Engine,
    content: bytes,
    row: OrganisationImport,
    *,
    actor_id: int,
    dry_run: bool,
    expected: str | None = None,
) -> Plan:
    given, errors = read_workbook(content)
    return synchronise_rows(
        engine, given, errors=errors, actor_id=actor_id, source="excel", remove=row.remove, dry_run=dry_run,
        expected=expected,
    )  # fmt: skip


def _kept(engine: Engine, import_id: int) -> tuple[OrganisationImport, bytes]:
    with engine.db.read() as session:
        row = session.get(OrganisationImport, import_id)
        if row is None:
            raise NotFound("没有这次导入 / There is no such import")
        if row.content is None:
            if row.applied_at is not None:
                raise Stale("这次导入已经执行过了 / This import was applied already")
            raise NotFound("上传的文件只保留一天，请重新上传 / An uploaded file is kept for a day: upload it again")
        return row, row.content
