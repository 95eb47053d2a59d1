"""Packages: the same files are the same version; a wrong package is refused with its place and changes nothing."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.calendars import WorkingCalendar
from engine.clock import FakeClock
from engine.definitions.errors import RefusedDiagram
from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package, PackageCache, read_folder
from engine.definitions.publish import lint_package, publish
from engine.errors import InvalidInput, NotFound
from engine.runtime import Engine
from engine.store import Base, Database
from workflows.application import assemble
from workflows.services import service_kinds

FOLDER = Path(__file__).parents[3] / "bpmn" / "s2-03-checking-rules"
NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)


@pytest.fixture
def package() -> Package:
    return read_folder(FOLDER)


@pytest.fixture
def engine() -> Iterator[Engine]:
    database = Database("sqlite://")
    Base.metadata.create_all(database.sql)
    yield assemble(database, clock=FakeClock(NOW))
    database.close()


def _with(package: Package, path: str, content: bytes) -> Package:
    return dataclasses.replace(package, files={**package.files, path: content})


def _versions(engine: Engine) -> int:
    with engine.db.read() as session:
        return session.scalar(select(func.count()).select_from(PackageVersion)) or 0


def test_a_folder_is_a_package(package: Package) -> None:
    assert (package.key, package.main_process) == ("s2-03-checking-rules", "checking_rules")
    assert set(package.decisions) == {"report_routing", "award_line"}
    assert len(package.forms) == 9
    assert package.plan["catalogue"] == "S2-03"


def test_the_same_files_are_the_same_version(engine: Engine, package: Package) -> None:
    first = publish(engine, package)
    assert publish(engine, package).id == first.id
    assert _versions(engine) == 1


def test_other_files_are_the_next_version_and_live(engine: Engine, package: Package) -> None:
    first = publish(engine, package)
    second = publish(engine, _with(package, "notes.md", b"changed"))
    assert second.version == first.version + 1
    with engine.db.read() as session:
        assert engine.packages.live(session, package.key).id == second.id
        assert engine.packages.get(session, first.id).digest == package.digest
    assert publish(engine, package).id == first.id
    with engine.db.read() as session:
        assert engine.packages.live(session, package.key).id == first.id


@pytest.mark.parametrize(
    ("path", "content", "word"),
    [
        ("department.bpmn", b"not xml", "department.bpmn"),
        ("study.form", b'{"components": [{"type": "html"}]}', "study.form"),
        ("report-routing.dmn", b"<definitions/>", "report-routing.dmn"),
        ("plan.yaml", b"main_process: nowhere", "nowhere"),
        ("plan.yaml", b"a: [", "plan.yaml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    engine: Engine, package: Package, path: str, content: bytes, word: str
) -> None:
    with pytest.raises(RefusedDiagram, match=word):
        publish(engine, _with(package, path, content))
    assert _versions(engine) == 0


def test_an_unknown_service_and_a_missing_form_are_found(package: Package) -> None:
    diagram = package.files["rating.bpmn"].replace(b'"evaluation.rate"', b'"no.such"')
    files = {path: content for path, content in package.files.items() if path != "study.form"}
    wrong = Package(package.key, {**files, "rating.bpmn": diagram})
    told = " ".join(f"{one.file} {one.message}" for one in lint_package(wrong, set(service_kinds())))
    assert "no.such" in told
    assert "study" in told


def test_two_processes_of_one_name_are_refused(package: Package) -> None:
    findings = lint_package(_with(package, "again.bpmn", package.files["rating.bpmn"]))
    assert any(finding.rule == "duplicate-process" for finding in findings)


def test_a_folder_without_a_diagram_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("name: x")
    with pytest.raises(InvalidInput, match=r"没有 \.bpmn"):
        read_folder(tmp_path)


def test_links_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(b"<a/>")
    (tmp_path / ".secret.yaml").write_bytes(b"a: 1")
    (tmp_path / "link.yaml").symlink_to("/etc/hostname")
    assert set(read_folder(tmp_path).files) == {"a.bpmn"}


def test_an_unknown_version_is_not_found(engine: Engine) -> None:
    with engine.db.read() as session, pytest.raises(NotFound):
        PackageCache().get(session, 1)


def test_a_timer_date_means_the_start_of_that_day(package: Package) -> None:
    environment = PackageCache().environment(package, WorkingCalendar)
    due = environment.due("date", "=date(rectify_starts)", {"rectify_starts": "2026-09-13"}, NOW)
    assert due == datetime(2026, 9, 12, 16, tzinfo=UTC)
    assert environment.due("date", "2026-09-13", {}, NOW) == due
    assert environment.due("duration", "PT1H", {}, NOW) == datetime(2026, 9, 1, 2, tzinfo=UTC)
