"""Data stores: rows that instances share, read by key or as a list, written by key; nobody's rows are lost."""

import threading
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine import tasks
from engine.clock import FakeClock
from engine.datastores.models import DataStoreRow
from engine.datastores.service import count_rows, rows_of
from engine.errors import DubanError
from engine.instances import retry_incident, start_instance
from engine.runtime import Engine
from engine.store import Database
from tests.support.conversing import deploy, rows
from tests.support.turning import ADMIN, incidents, instance_of, line, make_engine, open_slots, process, run, user

STORE = '<dataStore id="DS" name="Stock"/><dataStore id="Small" name="Small" capacity="2" isUnlimited="false"/>'
REFERENCES = (
    '<dataStoreReference id="Ref" name="stock" dataStoreRef="DS"/>'
    '<dataStoreReference id="SmallRef" name="small" dataStoreRef="Small"/>'
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _script(element: str, text: str, *associations: str, result: str = "") -> str:
    variable = f' camunda:resultVariable="{result}"' if result else ""
    return (
        f'<scriptTask id="{element}" scriptFormat="feel"{variable}>{"".join(associations)}'
        f"<script>{escape(text)}</script></scriptTask>"
    )


def _reads(key: str = "", variable: str = "", store: str = "Ref", inner: str = "") -> str:
    return (
        f"<dataInputAssociation{_own(key=key, variable=variable)}><sourceRef>{store}</sourceRef>"
        f"{inner}</dataInputAssociation>"
    )


def _writes(key: str = "", variable: str = "", store: str = "Ref", inner: str = "", remove: str = "") -> str:
    return (
        f"<dataOutputAssociation{_own(key=key, variable=variable, remove=remove)}><targetRef>{store}</targetRef>"
        f"{inner}</dataOutputAssociation>"
    )


def _own(**values: str) -> str:
    return "".join(f" duban:{name}={quoteattr(text)}" for name, text in values.items() if text)


def _start(engine: Engine, body: str, variables: Mapping[str, Any] | None = None) -> int:
    version = deploy(engine, process("main", REFERENCES + body), more=STORE)
    number = start_instance(engine, version_id=version, variables=dict(variables or {}), title="x", initiator_id=7)
    run(engine)
    return number


def _stored(engine: Engine, store: str = "Stock") -> dict[str, Any]:
    with engine.db.read() as session:
        return dict(rows_of(session, store))


def test_rows_are_written_by_key_and_read_by_another_instance(engine: Engine) -> None:
    write = _script("W", "{id: sku, amount: 3}", _writes(), result="stock")
    _start(engine, line(write), {"sku": "bolt"})
    _start(engine, line(write), {"sku": "nut"})
    assert _stored(engine) == {"bolt": {"id": "bolt", "amount": 3}, "nut": {"id": "nut", "amount": 3}}
    reading = line(
        _script("One", "row.amount", _reads(key="=sku", variable="row"), result="one"),
        _script("All", "sum(stock.amount)", _reads(), result="all"),
        _script("None", "row", _reads(key='="screw"', variable="row"), result="none"),
    )
    variables = instance_of(engine, _start(engine, reading, {"sku": "nut"})).variables
    assert (variables["one"], variables["all"], variables["none"]) == (3, 6, None)
    assert "row" not in variables
    with engine.db.read() as session:
        assert count_rows(session) == {"Stock": 2}


def test_a_step_sees_what_it_wrote_and_a_row_keeps_its_other_fields(engine: Engine) -> None:
    body = line(
        _script("A", '{colour: "red", amount: 1}', _writes(key='="bolt"'), result="stock"),
        _script("B", "{amount: row.amount + 1}", _reads('="bolt"', "row"), _writes('="bolt"', "new"), result="new"),
        _script("C", "stock", _reads(), result="seen"),
    )
    variables = instance_of(engine, _start(engine, body)).variables
    assert variables["seen"] == [{"key": "bolt", "colour": "red", "amount": 2}]
    assert _stored(engine) == {"bolt": {"colour": "red", "amount": 2}}
    assert [(row.version, row.key) for row in rows(engine, DataStoreRow)] == [(2, "bolt")]


def test_a_list_writes_several_rows_and_each_knows_its_own_key(engine: Engine) -> None:
    text = '[{sku: "a", n: 1}, {sku: "b", n: 2}]'
    _start(engine, line(_script("W", text, _writes(key="=sku", variable="parts"), result="parts")))
    assert _stored(engine) == {"a": {"sku": "a", "n": 1}, "b": {"sku": "b", "n": 2}}
    _start(engine, line(_script("R", "1", _writes(key='="a"', remove="true"), result="x")))
    assert list(_stored(engine)) == ["b"]


def test_a_transformation_shapes_what_is_read_and_what_is_written(engine: Engine) -> None:
    written = "<transformation>{n: amount * 2}</transformation>"
    read = "<transformation>count(stock)</transformation>"
    body = line(
        _script("W", "21", _writes(key='="k"', inner=written), result="amount"),
        _script("R", "stock", _reads(inner=read), result="how_many"),
    )
    assert instance_of(engine, _start(engine, body)).variables["how_many"] == 1
    assert _stored(engine) == {"k": {"n": 42}}


def test_people_see_the_rows_and_what_they_fill_in_is_written(engine: Engine) -> None:
    task = user("A", "1").replace("/>", f">{_reads('=sku', 'row')}{_writes('=sku', 'counted')}</userTask>")
    number = _start(engine, line(task), {"sku": "bolt", "counted": {"amount": 9}})
    tasks.complete(engine, slot_id=open_slots(engine, number)["A", 1].id, actor_id=1)
    assert instance_of(engine, number).status == "completed"
    assert _stored(engine) == {"bolt": {"amount": 9}}


def test_a_full_store_is_an_incident_that_can_be_retried(engine: Engine) -> None:
    def write(key: str) -> str:
        return line(_script("W", "1", _writes(key=f'="{key}"', variable="v", store="SmallRef"), result="v"))

    for key in ("a", "b", "a"):
        _start(engine, write(key))
    number = _start(engine, write("c"))
    (incident,) = incidents(engine)
    assert (incident.code, incident.element_id) == ("data-store-full", "W")
    assert list(_stored(engine, "Small")) == ["a", "b"]
    _start(engine, line(_script("R", "1", _writes('="a"', store="SmallRef", remove="true"), result="x")))
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert instance_of(engine, number).status == "completed"
    assert list(_stored(engine, "Small")) == ["b", "c"]


def test_a_row_without_a_key_is_an_incident(engine: Engine) -> None:
    _start(engine, line(_script("W", "{amount: 1}", _writes(), result="stock")))
    assert [one.code for one in incidents(engine)] == ["data-store-key"]


def test_a_large_store_is_not_read_as_a_list(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.interpreter.stores.MOST_ROWS", 1)
    text = '[{key: "a"}, {key: "b"}]'
    body = line(_script("W", text, _writes(variable="parts"), result="parts"), _script("R", "1", _reads(), result="x"))
    _start(engine, body)
    assert [one.code for one in incidents(engine)] == ["data-store-rows"]


def _together(engine: Engine, numbers: list[int]) -> list[str]:
    """Complete the task A of several instances at the same instant; returns the codes of what was refused."""
    slots = [open_slots(engine, number)["A", 1].id for number in numbers]
    gate, refused = threading.Barrier(len(slots)), []

    def complete(slot_id: int) -> None:
        gate.wait()
        try:
            tasks.complete(engine, slot_id=slot_id, actor_id=1)
        except DubanError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=complete, args=(slot,)) for slot in slots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_writers_at_the_same_instant_lose_no_row_no_field_and_no_count(engine: Engine) -> None:
    count = _script(
        "Count", "{n: if row = null then 1 else row.n + 1}", _reads('="total"', "row"), _writes('="total"', "new"),
        result="new",
    )  # fmt: skip
    own = _script("Own", "{by: name}", _writes("=name", "mine"), result="mine")
    field = _script("Field", "context put({}, name, true)", _writes('="shared"', "f"), result="f")
    version = deploy(engine, process("main", REFERENCES + line(user("A", "1"), count, own, field)), more=STORE)
    _start(engine, line(_script("Zero", "{n: 0}", _writes('="total"'), result="stock")))
    names = [f"p{number}" for number in range(6)]
    numbers = [
        start_instance(engine, version_id=version, variables={"name": name}, title="x", initiator_id=7)
        for name in names
    ]
    assert _together(engine, numbers) == []
    stored = _stored(engine)
    assert stored["total"] == {"n": 6}
    assert stored["shared"] == dict.fromkeys(names, True)
    assert set(names) <= set(stored)


def test_two_that_add_the_last_row_at_the_same_instant_do_not_both_find_room(engine: Engine) -> None:
    write = _script("W", "1", _writes(key="=name", variable="v", store="SmallRef"), result="v")
    version = deploy(engine, process("main", REFERENCES + line(user("A", "1"), write)), more=STORE)
    numbers = [
        start_instance(engine, version_id=version, variables={"name": f"n{one}"}, title="x", initiator_id=7)
        for one in range(4)
    ]
    refused = _together(engine, numbers)
    assert len(_stored(engine, "Small")) == 2
    assert len(refused) + len(incidents(engine)) == 2
    assert set(refused) <= {"data-store-full"}
