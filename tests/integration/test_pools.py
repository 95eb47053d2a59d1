"""Pools that talk over message flows, and the standard's correlation: each conversation keeps its partners."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine import tasks
from engine.clock import FakeClock
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.messages.models import EarlyMessage, Subscription
from engine.messages.service import correlate_message
from engine.runtime import Engine
from engine.store import Database
from tests.support.conversing import catch, chain, deploy, instances, rows, started_by, states, throw
from tests.support.turning import incidents, instance_of, line, make_engine, open_slots, process, run, user

POOLS = (
    '<collaboration id="K"><participant id="Buyer" processRef="main"/><participant id="Seller" processRef="seller"/>'
    '<participant id="Outside" name="Somebody"/>{flows}</collaboration>'
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _flow(number: int, source: str, target: str) -> str:
    return f'<messageFlow id="MF{number}" sourceRef="{source}" targetRef="{target}"/>'


def _pools(*flows: tuple[str, str]) -> str:
    return POOLS.format(flows="".join(_flow(number, *ends) for number, ends in enumerate(flows)))


def _begin(engine: Engine, version: int, variables: Mapping[str, Any] | None = None, process_id: str = "main") -> int:
    number = start_instance(
        engine, version_id=version, process_id=process_id, variables=dict(variables or {}), title="x", initiator_id=7
    )
    run(engine)
    return number


def _inputs(**values: str) -> str:
    parameters = "".join(
        f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in values.items()
    )
    return f"<extensionElements><camunda:inputOutput>{parameters}</camunda:inputOutput></extensionElements>"


SELLER = process(
    "seller",
    started_by("Ordered", "order") + user("Sell", "2") + throw("Answer", "answer", inputs=_inputs(price="=price"))
    + '<endEvent id="Sold"/>' + chain("Ordered", "Sell", "Answer", "Sold"),
)  # fmt: skip
BUYER = process("main", line(throw("Order", "order", inputs=_inputs(item="=item")), catch("Got", "answer")))


def _sellers(engine: Engine) -> list[Instance]:
    return [one for one in instances(engine) if one.process_id == "seller"]


@pytest.mark.parametrize("ends", [("Ordered", "Got"), ("Seller", "Buyer")])
def test_a_flow_starts_the_other_pool_and_the_answer_comes_back_to_the_asker(
    engine: Engine, ends: tuple[str, str]
) -> None:
    version = deploy(engine, BUYER, SELLER, more=_pools(("Order", ends[0]), ("Answer", ends[1])))
    first, second = _begin(engine, version, {"item": "a"}), _begin(engine, version, {"item": "b"})
    sellers = {one.variables["item"]: one for one in _sellers(engine)}
    slots = open_slots(engine, sellers["b"].id)
    tasks.complete(engine, slot_id=slots["Sell", 2].id, actor_id=2)
    run(engine)
    assert states(engine, first, second) == ["running", "completed"]
    assert [one.status for one in _sellers(engine)] == ["running", "completed"]
    assert {instance_of(engine, second).conversation_id, sellers["b"].conversation_id} == {second}
    assert incidents(engine) == []


def test_an_answer_before_its_catch_waits_for_this_conversation_only(engine: Engine) -> None:
    asking = process("main", line(throw("Order", "order"), user("Meanwhile", "1"), catch("Got", "answer")))
    answering = process(
        "seller",
        started_by("Ordered", "order") + throw("Answer", "answer") + '<endEvent id="Sold"/>'
        + chain("Ordered", "Answer", "Sold"),
    )  # fmt: skip
    version = deploy(engine, asking, answering, more=_pools(("Order", "Seller"), ("Answer", "Buyer")))
    first, second = _begin(engine, version), _begin(engine, version)
    assert len(rows(engine, EarlyMessage)) == 2
    tasks.complete(engine, slot_id=open_slots(engine, second)["Meanwhile", 1].id, actor_id=1)
    run(engine)
    assert states(engine, first, second) == ["running", "completed"]
    assert [row.conversation_id for row in rows(engine, EarlyMessage)] == [first]


def test_a_flow_finds_an_instance_that_was_started_by_itself(engine: Engine) -> None:
    waiting = process("seller", line(catch("Wanted", "order")))
    version = deploy(engine, process("main", line(throw("Order", "order"))), waiting, more=_pools(("Order", "Wanted")))
    seller = _begin(engine, version, process_id="seller")
    buyer = _begin(engine, version)
    assert states(engine, seller, buyer) == ["completed", "completed"]
    assert instance_of(engine, seller).conversation_id == buyer


def test_ends_of_a_flow_need_not_name_their_message(engine: Engine) -> None:
    sending = process(
        "main", line('<intermediateThrowEvent id="Order"><messageEventDefinition/></intermediateThrowEvent>')
    )
    receiving = process("seller", line('<receiveTask id="Wanted"/>'))
    version = deploy(engine, sending, receiving, more=_pools(("Order", "Wanted")))
    seller = _begin(engine, version, process_id="seller")
    _begin(engine, version)
    assert states(engine, seller) == ["completed"]


def test_a_flow_to_a_closed_pool_is_for_whoever_waits_elsewhere(engine: Engine) -> None:
    elsewhere = _begin(engine, deploy(engine, process("main", line(catch("C", "order")))))
    _begin(engine, deploy(engine, BUYER, SELLER, more=_pools(("Order", "Outside"))))
    assert states(engine, elsewhere) == ["completed"]


KEYS = (
    '<correlationProperty id="orderId"><correlationPropertyRetrievalExpression messageRef="M_order">'
    "<messagePath>order</messagePath></correlationPropertyRetrievalExpression>"
    '<correlationPropertyRetrievalExpression messageRef="M_answer"><messagePath>forOrder</messagePath>'
    "</correlationPropertyRetrievalExpression></correlationProperty>"
    '<collaboration id="K"><correlationKey id="CK"><correlationPropertyRef>orderId</correlationPropertyRef>'
    "</correlationKey></collaboration>"
)


def test_the_key_of_what_was_sent_is_asked_for_in_the_answer(engine: Engine) -> None:
    body = line(throw("Order", "order", inputs=_inputs(order="=number")), catch("Got", "answer"))
    version = deploy(engine, process("main", body), more=KEYS)
    first, second = _begin(engine, version, {"number": 1}), _begin(engine, version, {"number": 2})
    assert sorted(row.correlation_key for row in rows(engine, Subscription)) == ["=1", "=2"]
    assert correlate_message(engine, name="answer", payload={"orderId": 2, "price": 9}).instances == (second,)
    assert correlate_message(engine, name="answer", correlation={"orderId": 1}).instances == (first,)


def test_the_first_message_received_fixes_the_key(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("First", "order"), catch("Got", "answer"))), more=KEYS)
    number = _begin(engine, version)
    assert correlate_message(engine, name="order", payload={"order": 5}).instances == (number,)
    run(engine)
    assert [(row.name, row.correlation_key, row.key_name) for row in rows(engine, Subscription)] == [
        ("answer", "=5", "orderId")
    ]


def test_a_correlation_subscription_asks_for_what_the_process_has(engine: Engine) -> None:
    subscription = (
        '<correlationSubscription correlationKeyRef="CK"><correlationPropertyBinding correlationPropertyRef="orderId">'
        "<dataPath>own.number</dataPath></correlationPropertyBinding></correlationSubscription>"
    )
    version = deploy(engine, process("main", subscription + line(catch("Got", "answer"))), more=KEYS)
    _begin(engine, version, {"own": {"number": 1}})
    meant = _begin(engine, version, {"own": {"number": 2}})
    assert correlate_message(engine, name="answer", correlation={"orderId": 2}).instances == (meant,)


def test_each_item_of_a_multi_instance_holds_its_own_conversation(engine: Engine) -> None:
    inner = (
        '<subProcess id="Each">'
        '<multiInstanceLoopCharacteristics camunda:collection="=[1, 2]" camunda:elementVariable="n"/>'
        '<startEvent id="is"/>' + throw("Order", "order", inputs=_inputs(order="=n")) + catch("Got", "answer")
        + '<endEvent id="ie"/>' + chain("is", "Order", "Got", "ie") + "</subProcess>"
    )  # fmt: skip
    number = _begin(engine, deploy(engine, process("main", line(inner)), more=KEYS))
    assert sorted(row.correlation_key for row in rows(engine, Subscription)) == ["=1", "=2"]
    correlate_message(engine, name="answer", correlation={"orderId": 2})
    assert [row.correlation_key for row in rows(engine, Subscription)] == ["=1"]
    correlate_message(engine, name="answer", correlation={"orderId": 1})
    assert states(engine, number) == ["completed"]
