"""Lints process packages and publishes them as immutable versions."""

from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.definitions.errors import RefusedDiagram
from engine.definitions.forms import Form
from engine.definitions.lint import lint_diagram
from engine.definitions.model import LintFinding
from engine.definitions.models import PackageFile, PackageVersion, Publication
from engine.definitions.packages import Package
from engine.definitions.parse import parse_diagram
from engine.errors import DubanError, InvalidInput
from engine.expressions import evaluator
from engine.expressions.decisions import DecisionModel
from engine.store.locks import lock_name
from engine.wording import both, listed, say

if TYPE_CHECKING:
    from engine.runtime import Engine

_T = TypeVar("_T")


def lint_package(package: Package, services: Collection[str] | None = None) -> list[LintFinding]:
    """Return everything that stands against publishing a package, each with its file.

    Files that cannot be read come first, because the others' findings may follow from them; then errors, then warnings.

    Parameters
    ----------
    services
        Names of the service kinds that this installation has; None checks no service.

    """
    unreadable: list[LintFinding] = []
    findings: list[LintFinding] = []
    forms = _read_each(package, ".form", Form.parse, unreadable)
    models = _read_each(package, ".dmn", DecisionModel.parse, unreadable)
    diagrams = _read_each(package, ".bpmn", parse_diagram, unreadable)
    decisions = [decision for model in models.values() for decision in model.ids]
    findings += _repeated(decisions, "decision")
    processes = [process for definition in diagrams.values() for process in definition.processes]
    findings += _repeated(processes, "process")
    for path, model in models.items():
        findings += [_in_file(finding, path) for finding in model.check()]
    for path, definition in diagrams.items():
        known = {
            "known_processes": set(processes),
            "known_decisions": set(decisions),
            "known_forms": {Path(form).stem for form in forms},
            "known_services": None if services is None else set(services),
            "known_files": set(package.files),
        }
        found = lint_diagram(definition, check_expression=_syntax_problem, **known)
        findings += [_in_file(finding, path) for finding in found]
    findings += _lint_plan(package, set(processes))
    return unreadable + sorted(findings, key=lambda one: (one.severity != "error", one.file, one.line))


def publish(
    engine: "Engine",
    package: Package,
    *,
    by: int | None = None,
    note: str = "",
    excuse: Callable[[LintFinding], bool] | None = None,
) -> PackageVersion:
    """Publish a package as the live version of its key; the same files again are the same version.

    ``excuse`` says which findings do not count: what a test bench does by hand need not be installed.

    Raises
    ------
    RefusedDiagram
        The lint found errors; nothing was changed.

    """
    findings = [one for one in lint_package(package, engine.services) if excuse is None or not excuse(one)]
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        place = say(
            "{file} 第 {line} 行，{message}", file=errors[0].file, line=errors[0].line, message=both(errors[0].message)
        )
        raise RefusedDiagram(
            say(
                "流程包“{key}”有 {number} 处错误，未发布。第一处：{place}",
                key=package.key,
                number=len(errors),
                place=place,
            ),
            findings,
        )
    with engine.db.write() as session:
        return publish_in(engine, session, package, by=by, note=note)


def publish_in(
    engine: "Engine", session: Session, package: Package, *, by: int | None = None, note: str = ""
) -> PackageVersion:
    """Publish a package that the caller has linted, inside the caller's transaction.

    Files that were published before become the live version again: a publication of its own, with its own note.
    """
    from engine.messages.starts import register_starts

    lock_name(session, f"package:{package.key}")
    found = _same_files(session, package)
    was_live = found is not None and found.live
    at = engine.clock.now()
    version = found or _new_version(session, package, by=by, note=note, at=at)
    session.execute(
        update(PackageVersion).where(PackageVersion.key == package.key).values(live=PackageVersion.id == version.id)
    )
    version.live = True
    if not was_live:
        again = found is not None
        session.add(Publication(version_id=version.id, again=again, note=note, published_at=at, published_by=by))
        session.flush()
        register_starts(engine, session, engine.packages.get(session, version.id), at)
    return version


@lru_cache(maxsize=20_000)
def _syntax_problem(expression: str) -> str | None:
    """Say what is wrong with an expression; a designer's diagram is checked again and again as it is drawn."""
    return evaluator().check(expression)


def _same_files(session: Session, package: Package) -> PackageVersion | None:
    query = select(PackageVersion).where(PackageVersion.key == package.key, PackageVersion.digest == package.digest)
    return session.scalars(query.order_by(PackageVersion.version.desc()).limit(1)).first()


def _new_version(session: Session, package: Package, *, by: int | None, note: str, at: Any) -> PackageVersion:
    highest = session.scalar(select(func.max(PackageVersion.version)).where(PackageVersion.key == package.key))
    version = PackageVersion(
        key=package.key,
        version=(highest or 0) + 1,
        name=package.name,
        name_en=package.name_en,
        digest=package.digest,
        main_process=package.main_process,
        note=note,
        published_at=at,
        published_by=by,
    )
    session.add(version)
    session.flush()
    session.add_all(
        PackageFile(version_id=version.id, path=path, content=content) for path, content in package.files.items()
    )
    return version


def _read_each(
    package: Package, suffix: str, read: Callable[[bytes], _T], findings: list[LintFinding]
) -> dict[str, _T]:
    parsed: dict[str, _T] = {}
    for path, content in sorted(package.files.items()):
        if not path.endswith(suffix):
            continue
        try:
            parsed[path] = read(content)
        except RefusedDiagram as error:
            findings += [_in_file(finding, path) for finding in error.findings] or [_plain("refused", path, str(error))]
        except InvalidInput as error:
            pairs = [say("{place}：{sentence}", place=key, sentence=sentence) for key, sentence in error.fields.items()]
            told = say("{error}（{places}）", error=error, places=listed(pairs, "；")) if pairs else str(error)
            findings.append(_plain("unreadable", path, told))
        except DubanError as error:
            findings.append(_plain("unreadable", path, str(error)))
    return parsed


def _lint_plan(package: Package, processes: set[str]) -> list[LintFinding]:
    try:
        named = package.plan.get("main_process")
        package.yaml("scenario.yaml")
    except InvalidInput as error:
        return [_plain("unreadable", str(error).split(" ", 1)[0], str(error))]
    if named and named not in processes:
        message = f"main_process “{named}”不在任何流程图里 / {named} is in no diagram"
        return [_plain("unknown-process", "plan.yaml", message)]
    return []


def _repeated(ids: list[str], rule: str) -> list[LintFinding]:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    message = "编号“{}”在包里出现了两次 / The id {} is used twice in the package"
    return [_plain(f"duplicate-{rule}", "", message.format(one, one)) for one in twice]


def _in_file(finding: LintFinding, path: str) -> LintFinding:
    return LintFinding(
        finding.rule,
        finding.severity,
        finding.element_id,
        finding.element_name,
        finding.line,
        finding.message,
        finding.advice,
        path,
    )


def _plain(rule: str, path: str, message: str) -> LintFinding:
    return LintFinding(rule, "error", None, None, 0, message, "请修改后重新发布 / Correct it and publish again", path)
