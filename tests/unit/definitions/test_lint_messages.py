"""Messages, message flows and data stores: what would lead nowhere is refused, what is only drawn is said."""

import pytest

from engine.definitions.lint import lint_diagram
from engine.definitions.model import LintFinding
from engine.definitions.parse import parse_diagram
from engine.expressions import evaluator
from tests.support.drawing import document, flows, node, user

ROOTS = '<message id="m" name="paid"/><signal id="g" name="alarm"/>'
END = node("endEvent", "e")


def findings(body: str, roots: str = ROOTS) -> list[LintFinding]:
    return lint_diagram(parse_diagram(document(body, roots), "t.bpmn"), check_expression=evaluator().check)


def rules(body: str, roots: str = ROOTS, severity: str = "error") -> set[str]:
    return {finding.rule for finding in findings(body, roots) if finding.severity == severity}


def catch(reference: str = "m", kind: str = "message", **attributes: str) -> str:
    inner = f'<{kind}EventDefinition {kind}Ref="{reference}"/>'
    return node("startEvent", "s") + node("intermediateCatchEvent", "c", inner, **attributes) + END + flows("s > c > e")


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_reference_to_nothing_is_refused(kind: str) -> None:
    assert rules(catch("m" if kind == "message" else "g", kind)) == set()
    assert "dangling-reference" in rules(catch("nothing", kind))


def test_a_correlation_key_is_feel() -> None:
    assert rules(catch(duban_correlationKey="=order.id")) == set()
    assert "bad-expression" in rules(catch(duban_correlationKey="=order."))


def test_one_message_starts_a_process_in_one_way() -> None:
    definition = '<messageEventDefinition messageRef="m"/>'
    body = node("startEvent", "s1", definition) + node("startEvent", "s2", definition) + user("a") + END
    assert "ambiguous-start" in rules(body + flows("s1 > a > e", "s2 > a"))


def pools(flow: str) -> str:
    participants = '<participant id="Own" processRef="P"/><participant id="Other"/>'
    return f'{ROOTS}<collaboration id="k">{participants}{flow}</collaboration>'


def test_a_message_flow_to_nowhere_is_refused() -> None:
    flow = '<messageFlow id="f" sourceRef="c" targetRef="nowhere"/>'
    assert "dangling-message-flow" in rules(catch(), pools(flow))


def test_a_message_flow_of_a_task_that_sends_nothing_is_only_drawn() -> None:
    body = node("startEvent", "s") + user("a") + END + flows("s > a > e")
    flow = '<messageFlow id="f" sourceRef="a" targetRef="Other"/>'
    assert rules(body, pools(flow)) == set()
    assert "message-flow-drawn" in rules(body, pools(flow), "warning")


def test_an_event_at_a_message_flow_needs_no_message_of_its_own() -> None:
    throw = node("intermediateThrowEvent", "t", "<messageEventDefinition/>")
    body = node("startEvent", "s") + throw + END + flows("s > t > e")
    assert rules(body, pools('<messageFlow id="f" sourceRef="t" targetRef="Other"/>')) == set()
    assert "implied-message" in rules(body, severity="warning")


STORE = '<dataStore id="ds" name="Stock"/>'
REFERENCE = '<dataStoreReference id="ref" dataStoreRef="ds"/>'


def stored(association: str, **attributes: str) -> str:
    task = node("userTask", "a", association, **attributes)
    return node("startEvent", "s") + task + END + REFERENCE + flows("s > a > e")


def written(**attributes: str) -> str:
    return node("dataOutputAssociation", "o", "<targetRef>ref</targetRef>", **attributes)


def test_keys_of_data_stores_are_feel_and_needed_to_remove() -> None:
    assert rules(stored(written(duban_key="=sku")), ROOTS + STORE) == set()
    assert "bad-expression" in rules(stored(written(duban_key="=sku.")), ROOTS + STORE)
    assert "store-key" in rules(stored(written(duban_remove="true")), ROOTS + STORE)


def test_multi_instance_over_a_data_store_is_refused() -> None:
    specification = (
        '<ioSpecification><dataInput id="di" name="rows"/><inputSet><dataInputRefs>di</dataInputRefs></inputSet>'
        "<outputSet/></ioSpecification>"
    )
    association = "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>di</targetRef></dataInputAssociation>"
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>di</loopDataInputRef></multiInstanceLoopCharacteristics>"
    )
    assert "store-collection" in rules(stored(specification + association + loop), ROOTS + STORE)
