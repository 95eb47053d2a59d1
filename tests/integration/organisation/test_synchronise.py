"""The organisation is brought to what a document says: whole or not at all, again without effect, with a record."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.clock import FakeClock
from engine.errors import InvalidInput, NotFound, Stale
from engine.runtime import Engine
from engine.store import Database
from tests.support.turning import make_engine
from workflows.directory import audit, importing
from workflows.directory.plan import Plan
from workflows.directory.service import Seen, edit, mark_of, row_of, synchronise
from workflows.directory.stored import as_json, load
from workflows.directory.workbook import write_workbook
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Holding, OrganisationChange, Person, Unit

ACTOR = 1
WHOLE: dict[str, Any] = {
    "units": [
        {"code": "town", "name": "示范镇", "kind": "town", "parent": "district"},
        {"code": "district", "name": "示范区", "kind": "district"},
    ],
    "posts": [{"code": "head", "name": "正职", "leads": True}],
    "people": [
        {"login": "root", "name": "管理员", "administrator": True},
        {"login": "mayor", "name": "镇长"},
        {"login": "vice", "name": "副镇长"},
    ],
    "holdings": [{"person": "mayor", "unit": "town", "post": "head", "from": "2026-01-01"}],
    "groups": [{"code": "flood", "name": "防汛", "kind": "leading"}],
    "members": [{"group": "flood", "person": "mayor", "role": "head"}],
    "groupUnits": [{"group": "flood", "unit": "town", "role": "lead"}],
    "absences": [{"person": "mayor", "deputy": "vice", "from": "2026-09-01", "to": "2026-09-30"}],
    "days": [{"unit": "district", "day": "2026-09-12", "works": True}],
    "seasons": [{"unit": "district", "from": "06-01", "to": "09-30", "hours": "08:00-12:00, 15:00-18:00"}],
}


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    assert synchronise(engine, WHOLE, actor_id=ACTOR).errors == ()
    return engine


def kept(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.db.read() as session:
        return as_json(load(session).rows)


def sections(found: Plan) -> dict[str, dict[str, int]]:
    return {name: dict(counted) for name, counted in found.counts.items()}


def test_a_dry_run_counts_and_changes_nothing(engine: Engine) -> None:
    found = synchronise(engine, WHOLE, actor_id=ACTOR, dry_run=True)
    assert sections(found)["units"] == {"add": 2}
    assert kept(engine)["units"] == []


def test_everything_arrives_and_the_same_again_changes_nothing(loaded: Engine) -> None:
    before = kept(loaded)
    assert {name: len(rows) for name, rows in before.items()} == {name: len(rows) for name, rows in WHOLE.items()}
    assert synchronise(loaded, before, actor_id=ACTOR, remove=True).changes == ()
    with loaded.db.read() as session:
        town = session.scalars(select(Unit).where(Unit.code == "town")).one()
        calendar = UnitCalendars().of_unit(session, town.id)
        assert audit.broken_at(session) is None
        assert session.scalar(select(func.count()).select_from(OrganisationChange)) == sum(map(len, WHOLE.values()))
    assert calendar.is_working_day(date(2026, 9, 12))
    assert [f"{begin:%H}" for begin, _ in calendar.hours_on(date(2026, 9, 7))] == ["08", "15"]


def test_columns_that_are_not_given_stay_as_they_are(loaded: Engine) -> None:
    document = {"people": [{"login": "mayor", "email": "mayor@example.org"}]}
    (change,) = synchronise(loaded, document, actor_id=ACTOR).changes
    assert change.fields() == {"email": [None, "mayor@example.org"]}
    assert next(one for one in kept(loaded)["people"] if one["login"] == "mayor")["name"] == "镇长"


def test_one_fault_keeps_everything_out(loaded: Engine) -> None:
    before = kept(loaded)
    document = {
        "people": [{"login": "new", "name": "新人"}],
        "holdings": [{"person": "new", "unit": "nowhere", "post": "head"}],
    }
    found = synchronise(loaded, document, actor_id=ACTOR)
    assert [(one.section, one.row, one.column) for one in found.errors] == [("holdings", 1, "unit")]
    assert kept(loaded) == before


def test_what_a_document_does_not_mention_goes_only_when_it_says_that_it_is_complete(loaded: Engine) -> None:
    document = {"people": WHOLE["people"][:1], "holdings": [], "units": WHOLE["units"][1:]}
    found = synchronise(loaded, document, actor_id=ACTOR)
    assert (found.changes, dict(found.unmentioned)) == ((), {"units": 1, "people": 2, "holdings": 1})
    found = synchronise(loaded, document, actor_id=ACTOR, remove=True)
    assert found.errors == ()
    after = kept(loaded)
    assert {one["login"]: one["active"] for one in after["people"]} == {"root": True, "mayor": False, "vice": False}
    assert {one["code"]: one["active"] for one in after["units"]} == {"district": True, "town": False}
    assert after["holdings"][0]["to"] == "2026-09-06"
    assert synchronise(loaded, document, actor_id=ACTOR, remove=True).changes == ()


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"people": [{"login": "root", "administrator": False}]}, ("people", "administrator")),
        ({"people": [{"login": "root", "active": False}]}, ("people", "administrator")),
        ({"units": [{"code": "district", "parent": "town"}]}, ("units", "parent")),
        ({"units": [{"code": "district", "active": False}]}, ("units", "active")),
        ({"units": [{"code": "town", "active": False}]}, ("units", "active")),
        ({"units": [{"code": "new"}]}, ("units", "name")),
        ({"holdings": [{"person": "vice", "unit": "town", "post": "head", "from": "2026-09-02", "to": "2026-09-01"}]},
         ("holdings", "to")),
        ({"absences": [{"person": "vice", "deputy": "vice", "from": "2026-09-01", "to": "2026-09-02"}]},
         ("absences", "deputy")),
        ({"seasons": [{"unit": "town", "from": "06-01", "to": "09-30", "hours": "12:00-08:00"}]}, ("seasons", "hours")),
        ({"seasons": [{"unit": "town", "from": "02-30", "to": "09-30", "hours": "08:00-12:00"}]}, ("seasons", "from")),
    ],
)  # fmt: skip
def test_rules_between_rows_hold(loaded: Engine, document: dict[str, Any], place: tuple[str, str]) -> None:
    before = kept(loaded)
    found = synchronise(loaded, document, actor_id=ACTOR)
    assert place in {(one.section, one.column) for one in found.errors}
    assert all(" / " in one.sentence for one in found.errors)
    assert kept(loaded) == before


def test_a_group_goes_with_its_members_and_units(loaded: Engine) -> None:
    found = edit(loaded, {}, actor_id=ACTOR, without=[("groups", ("flood",))])
    assert sections(found) == {name: {"remove": 1} for name in ("groups", "members", "groupUnits")}
    after = kept(loaded)
    assert [after[name] for name in ("groups", "members", "groupUnits")] == [[], [], []]


def test_days_and_hours_can_be_taken_back(loaded: Engine) -> None:
    edit(loaded, {}, actor_id=ACTOR, without=[("days", ("district", date(2026, 9, 12)))])
    edit(
        loaded, {"seasons": [{"unit": "district", "from": "06-01", "to": "08-31", "hours": "09:00-17:00"}]}, actor_id=1
    )
    after = kept(loaded)
    assert after["days"] == []
    assert after["seasons"] == [{"unit": "district", "from": "06-01", "to": "08-31", "hours": "09:00-17:00"}]


def test_the_second_of_two_people_who_edit_one_row_is_told(loaded: Engine) -> None:
    with loaded.db.read() as session:
        row = row_of(load(session), "people", "vice")
    seen = Seen("people", ("vice",), mark_of(row))
    edit(loaded, {"people": [{"login": "vice", "name": "甲"}]}, actor_id=ACTOR, seen=seen)
    with pytest.raises(Stale):
        edit(loaded, {"people": [{"login": "vice", "name": "乙"}]}, actor_id=ACTOR, seen=seen)
    assert {one["name"] for one in kept(loaded)["people"]} == {"管理员", "镇长", "甲"}


def test_a_fault_on_a_page_has_its_field_and_changes_nothing(loaded: Engine) -> None:
    with pytest.raises(InvalidInput) as caught:
        edit(loaded, {"people": [{"login": "vice", "email": "nobody"}]}, actor_id=ACTOR)
    assert set(caught.value.fields) == {"email"}


def test_two_synchronisations_at_once_follow_each_other(loaded: Engine) -> None:
    failures: list[BaseException] = []

    def bring(number: int) -> None:
        try:
            synchronise(
                loaded, {"people": [{"login": f"p{number}", "name": "人"}, {"login": "x", "name": "同"}]}, actor_id=1
            )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {f"p{number}" for number in range(4)} | {"x"} <= {one["login"] for one in kept(loaded)["people"]}
    with loaded.db.read() as session:
        assert audit.broken_at(session) is None


def test_a_changed_line_of_the_record_is_found(loaded: Engine) -> None:
    with loaded.db.write() as session:
        session.execute(update(OrganisationChange).where(OrganisationChange.sequence == 3).values(key="other"))
    with loaded.db.read() as session:
        assert audit.broken_at(session) == 3


def uploaded(engine: Engine, document: dict[str, Any], *, remove: bool = False) -> int:
    """Upload a workbook that says what is kept with some sections replaced."""
    with engine.db.write() as session:
        if session.get(Person, ACTOR) is None:
            session.add(Person(id=ACTOR, login="actor", name="操作员"))
    with engine.db.read() as session:
        rows = load(session).rows
    from workflows.directory.document import given_by, read_document

    read = read_document(given_by(document)[0]).rows
    content = write_workbook({name: {**rows[name], **read.get(name, {})} for name in rows})
    return importing.upload(engine, content=content, filename="组织.xlsx", remove=remove, actor_id=ACTOR)


def test_an_import_is_shown_applied_once_and_then_over(loaded: Engine) -> None:
    person = {"login": "new", "name": "=新人", "nameEn": "", "email": None, "administrator": False, "active": True}
    number = uploaded(loaded, {"people": [person]})
    shown = importing.preview(loaded, import_id=number, actor_id=ACTOR)
    assert sections(shown.plan) == {"people": {"add": 1}}
    importing.apply(loaded, import_id=number, actor_id=ACTOR, expected=shown.plan.digest)
    assert "=新人" in {one["name"] for one in kept(loaded)["people"]}
    with pytest.raises(Stale):
        importing.apply(loaded, import_id=number, actor_id=ACTOR, expected=shown.plan.digest)


def test_an_import_is_refused_when_the_organisation_changed_since_it_was_shown(loaded: Engine) -> None:
    number = uploaded(
        loaded, {"posts": [{"code": "clerk", "name": "干事", "nameEn": "", "leads": False, "duty": "", "position": 5}]}
    )
    shown = importing.preview(loaded, import_id=number, actor_id=ACTOR)
    edit(loaded, {"posts": [{"code": "head", "name": "书记"}]}, actor_id=ACTOR)
    with pytest.raises(Stale):
        importing.apply(loaded, import_id=number, actor_id=ACTOR, expected=shown.plan.digest)
    assert [one["code"] for one in kept(loaded)["posts"]] == ["head"]


def test_an_upload_is_kept_for_a_day(loaded: Engine, clock: FakeClock) -> None:
    number = uploaded(loaded, {})
    clock.advance(timedelta(days=2))
    uploaded(loaded, {})
    with pytest.raises(NotFound):
        importing.preview(loaded, import_id=number, actor_id=ACTOR)


def test_ten_thousand_people_come_in_a_few_statements(sqlite_database: Database, clock: FakeClock) -> None:
    from sqlalchemy import event

    engine = make_engine(sqlite_database, clock)
    people = [{"login": f"p{number}", "name": f"人{number}"} for number in range(10_000)]
    held = [{"person": f"p{number}", "unit": "town", "post": "head"} for number in range(10_000)]
    counted: list[str] = []
    event.listen(sqlite_database.sql, "before_cursor_execute", lambda *given: counted.append(given[2]))
    synchronise(engine, {**WHOLE, "people": WHOLE["people"] + people, "holdings": held}, actor_id=ACTOR)
    assert len(counted) < 150
    with engine.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Holding)) == 10_000
