"""The playground's interface, one story a method (docs/playground.md)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.errors import NotAllowed, NotFound, Stale
from engine.messages.service import AmbiguousMessage
from engine.testing import BpmnError, Playground, RefusedDiagram
from tests.support.drawing import document, flows, node, timer

MESSAGES = '<message id="m" name="arrived"/><signal id="g" name="alarm"/><error id="x" errorCode="broken"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="g"/>'
ERROR = '<errorEventDefinition errorRef="x"/>'


def diagram(*elements, chains, process_id="P", start="", end="", roots=MESSAGES):
    body = node("startEvent", "s", start) + "".join(elements) + node("endEvent", "e", end) + flows(*chains)
    return document(body, roots).replace(b'id="P"', f'id="{process_id}"'.encode())


def script(node_id, text, language="javascript"):
    return node("scriptTask", node_id, f"<script>{text}</script>", scriptFormat=language)


def call(node_id, called):
    return node("callActivity", node_id, calledElement=called)


WORK = diagram(node("userTask", "work", name="Work"), chains=["s > work > e"])


def kinds(instance):
    return [(item.kind, item.element_id, item.name) for item in instance.open_items]


# Deploying


def test_deploy_takes_bytes_texts_and_paths_and_returns_the_executable_processes(tmp_path):
    first, second = tmp_path / "first.bpmn20.xml", tmp_path / "second.bpmn"
    first.write_bytes(diagram(node("userTask", "u"), chains=["s > u > e"], process_id="first"))
    second.write_bytes(diagram(node("userTask", "u"), chains=["s > u > e"], process_id="second"))
    third = diagram(node("userTask", "u"), chains=["s > u > e"], process_id="third")
    assert Playground().deploy(str(first), second, third, WORK.decode()) == ["first", "second", "third", "P"]


def test_deployed_files_refer_to_each_other_whatever_their_order():
    playground = Playground()
    decision = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">'
        b'<decision id="grade" name="grade"><variable name="grade"/>'
        b"<literalExpression><text>points * 2</text></literalExpression></decision></definitions>"
    )
    caller = diagram(call("c", "callee"), chains=["s > c > e"], process_id="caller")
    rule = node("businessRuleTask", "r", camunda_decisionRef="grade", camunda_resultVariable="grade")
    callee = diagram(rule, chains=["s > r > e"], process_id="callee")
    assert playground.deploy(caller) == ["caller"]
    assert playground.deploy(decision) == []
    assert playground.deploy(callee) == ["callee"]
    assert playground.start("callee", {"points": 21}).variables["grade"] == 42
    assert [child.process_id for child in playground.start("caller", {"points": 1}).children] == ["callee"]


def test_a_refused_diagram_says_where_and_leaves_nothing_deployed():
    playground = Playground()
    playground.deploy(WORK)
    with pytest.raises(RefusedDiagram) as refused:
        playground.deploy(diagram(node("task", "t"), chains=["s > t > nowhere"], process_id="bad"))
    finding = next(one for one in refused.value.findings if one.rule == "dangling-flow")
    assert (finding.severity, finding.line, bool(finding.advice)) == ("error", 1, True)
    with pytest.raises(NotFound):
        playground.start("bad")
    assert playground.start("P").state == "running"


def test_unreadable_files_are_refused():
    for content in (b"nothing", b"", b"<html/>", b'{"components": 7}', b'<definitions xmlns="spec/DMN"><broken'):
        with pytest.raises(RefusedDiagram):
            Playground().deploy(content)


def test_a_diagram_that_names_a_namespace_of_dmn_is_a_diagram():
    feel = b'<definitions xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/"'
    assert Playground().deploy(WORK.replace(b"<definitions", feel, 1)) == ["P"]


def test_a_prefix_that_stands_for_nothing_is_refused():
    for root in (b"bpmn:definitions", b"x:order"):
        with pytest.raises(RefusedDiagram):
            Playground().deploy(b"<%b xmlns:bpmn='' xmlns:x=''/>" % root)


def test_a_process_deployed_again_is_new_for_instances_to_come():
    playground = Playground()
    playground.deploy(WORK)
    before = playground.start("P")
    playground.deploy(diagram(node("userTask", "other"), chains=["s > other > e"]))
    assert playground.start("P").entered == ["s", "other"]
    before.complete("work")
    assert before.trace == ["s", "work", "e"]


# Work


def test_open_items_are_completed_with_variables():
    playground = Playground()
    playground.deploy(WORK)
    instance = playground.start("P", {"given": 1})
    assert kinds(instance) == [("user task", "work", "Work")]
    assert (instance.state, instance.entered, instance.trace) == ("running", ["s", "work"], ["s"])
    instance.complete(instance.open_items[0], {"done": True})
    assert (instance.state, instance.open_items) == ("completed", [])
    assert instance.trace == instance.entered == ["s", "work", "e"]
    assert instance.variables == {"given": 1, "done": True}
    assert instance.incidents == instance.uncaught == instance.children == []


def test_variables_are_kept_as_json_has_them():
    playground = Playground()
    playground.deploy(WORK)
    given = {"day": date(2026, 1, 5), "price": Decimal("1.5"), "names": ("a", "b"), "huge": 10**30, 7: {"x": None}}
    kept = {"day": "2026-01-05", "price": 1.5, "names": ["a", "b"], "huge": 1e30, "7": {"x": None}}
    instance = playground.start("P", given)
    assert instance.variables == kept
    instance.complete("work", {"again": given})
    assert instance.variables["again"] == kept


def test_what_is_over_cannot_be_completed_again():
    playground = Playground()
    playground.deploy(WORK)
    instance = playground.start("P")
    item = instance.open_items[0]
    instance.complete(item)
    with pytest.raises(Stale):
        instance.complete(item)
    with pytest.raises(NotFound):
        instance.complete("work")
    with pytest.raises(NotAllowed):
        instance.set_variables(late=1)


def test_each_kind_of_work_is_told_apart():
    elements = [
        node("manualTask", "manual", name="Lift"),
        node("serviceTask", "service", camunda_topic="mail"),
        node("receiveTask", "receive", messageRef="m"),
        call("call", "elsewhere"),
        node("businessRuleTask", "rule", camunda_decisionRef="unknown"),
    ]
    playground = Playground()
    playground.deploy(diagram(*elements, chains=["s > manual > service > receive > call > rule > e"]))
    instance = playground.start("P")
    seen = []
    while instance.state == "running":
        seen += kinds(instance)
        instance.complete(instance.open_items[0])
    assert seen == [
        ("manual task", "manual", "Lift"),
        ("service", "service", "mail"),
        ("receive", "receive", "arrived"),
        ("call", "call", "elsewhere"),
        ("service", "rule", "unknown"),
    ]


def test_items_of_a_multi_instance_have_their_values_in_scope():
    loop = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/>'
    playground = Playground()
    playground.deploy(diagram(node("userTask", "each", loop), chains=["s > each > e"]))
    instance = playground.start("P", {"people": ["Ada", "Bob"]})
    assert [item.scope["person"] for item in instance.open_items] == ["Ada", "Bob"]
    instance.complete(instance.open_items[1])
    assert [item.scope["person"] for item in instance.open_items] == ["Ada"]
    instance.complete("each")
    assert instance.trace == ["s", "each", "e"]


# Events


def test_trigger_lets_exactly_this_timer_or_subscription_happen():
    events = {"message": MESSAGE, "signal": SIGNAL, "soon": timer("PT1H"), "later": timer("PT2H")}
    catches = [node("intermediateCatchEvent", name, event) for name, event in events.items()]
    playground = Playground()
    playground.deploy(
        diagram(
            node("eventBasedGateway", "gate"), *catches, node("exclusiveGateway", "merge"),
            chains=["s > gate", "merge > e", *(f"gate > {name} > merge" for name in events)],
        )
    )  # fmt: skip
    for wanted in events:
        instance = playground.start("P")
        item = next(one for one in instance.open_items if one.element_id == wanted)
        instance.trigger(item, {"by": wanted})
        assert instance.trace == ["s", "gate", wanted, "merge", "e"]
        assert instance.variables.get("by") == (None if item.kind == "timer" else wanted)


def test_advance_stops_at_every_due_time_on_the_way():
    seen = []
    playground = Playground(on_script=lambda *_: seen.append(playground.now) or {})
    playground.deploy(
        diagram(
            node("intermediateCatchEvent", "one", timer("PT1H")), script("first", "1"),
            node("intermediateCatchEvent", "two", timer("PT1H")), script("second", "1"),
            chains=["s > one > first > two > second > e"],
        )
    )  # fmt: skip
    began = playground.now
    instance = playground.start("P")
    assert instance.open_items[0].due == began + timedelta(hours=1)
    playground.advance(timedelta(hours=5))
    assert seen == [began + timedelta(hours=1), began + timedelta(hours=2)]
    assert playground.now == began + timedelta(hours=5)


def test_a_message_reaches_the_one_that_it_is_correlated_with():
    playground = Playground()
    playground.deploy(diagram(node("intermediateCatchEvent", "wait", MESSAGE), chains=["s > wait > e"]))
    first, second = (playground.start("P", {"order": number}) for number in (1, 2))
    assert playground.message("arrived", {"price": 5}, {"order": 2}) == [second]
    assert (first.state, second.state, second.variables["price"]) == ("running", "completed", 5)
    third = playground.start("P", {"order": 3})
    with pytest.raises(AmbiguousMessage):
        playground.message("arrived")
    assert (first.state, third.state) == ("running", "running")


@pytest.mark.parametrize("key", ["order", "{order: order, part: 1}", '"' + "x" * 40 + '"'])
def test_a_message_without_correlation_reaches_the_only_wait_whatever_its_key(key):
    playground = Playground()
    wait = node("intermediateCatchEvent", "wait", MESSAGE, duban_correlationKey=f"={key}")
    playground.deploy(diagram(wait, chains=["s > wait > e"]))
    only = playground.start("P", {"order": 1})
    assert playground.message("arrived", {"n": 1}) == [only]


def test_a_message_that_comes_early_waits():
    playground = Playground()
    playground.deploy(diagram(node("intermediateCatchEvent", "wait", MESSAGE), chains=["s > wait > e"]))
    assert playground.message("arrived", {"n": 1}) == []
    assert playground.start("P").variables == {"n": 1}


def test_a_message_and_a_signal_start_the_processes_that_begin_with_them():
    playground = Playground()
    playground.deploy(
        diagram(node("userTask", "u"), chains=["s > u > e"], process_id="by-message", start=MESSAGE),
        diagram(node("userTask", "u"), chains=["s > u > e"], process_id="by-signal", start=SIGNAL),
    )
    (by_message,) = playground.message("arrived", {"n": 1})
    (by_signal,) = playground.signal("alarm", {"n": 2})
    assert (by_message.process_id, by_message.variables) == ("by-message", {"n": 1})
    assert (by_signal.process_id, by_signal.variables) == ("by-signal", {"n": 2})
    assert playground.instances == [by_message, by_signal]


def test_a_timer_start_event_starts_when_the_clock_gets_there():
    playground = Playground()
    playground.deploy(diagram(node("userTask", "u"), chains=["s > u > e"], start=timer("P1D")))
    playground.advance(timedelta(hours=25))
    assert [one.entered for one in playground.instances] == [["s", "u"]]


def test_a_signal_reaches_everybody_who_waits():
    playground = Playground()
    playground.deploy(diagram(node("intermediateCatchEvent", "wait", SIGNAL), chains=["s > wait > e"]))
    waiting = [playground.start("P") for _ in range(3)]
    assert playground.signal("alarm") == waiting
    assert [one.state for one in waiting] == ["completed"] * 3


def test_set_variables_wakes_conditional_events():
    condition = "<conditionalEventDefinition><condition>level > 3</condition></conditionalEventDefinition>"
    playground = Playground()
    playground.deploy(diagram(node("intermediateCatchEvent", "high", condition), chains=["s > high > e"]))
    instance = playground.start("P", {"level": 1})
    assert kinds(instance) == [("conditional", "high", None)]
    instance.set_variables(level=2)
    assert instance.state == "running"
    instance.set_variables({"level": 4})
    assert (instance.state, instance.variables) == ("completed", {"level": 4})


# Scripts, services and errors


def test_on_script_sees_every_script_and_may_replace_it():
    seen = []

    def on_script(element_id, language, text, variables):
        seen.append((element_id, language, text, variables))
        return {"by": "hook"} if language == "groovy" else None

    playground = Playground(on_script=on_script)
    playground.deploy(
        diagram(script("foreign", "println(x)", "groovy"), script("own", "y = x + 1"), chains=["s > foreign > own > e"])
    )
    instance = playground.start("P", {"x": 1})
    assert seen == [
        ("foreign", "groovy", "println(x)", {"x": 1}),
        ("own", "javascript", "y = x + 1", {"x": 1, "by": "hook"}),
    ]
    assert instance.variables == {"x": 1, "by": "hook", "y": 2}


def test_without_on_script_a_foreign_script_is_refused():
    with pytest.raises(RefusedDiagram):
        Playground().deploy(diagram(script("foreign", "println(x)", "ruby"), chains=["s > foreign > e"]))


def test_on_service_completes_or_leaves_open():
    asked = []

    def on_service(element_id, name, text, variables):
        asked.append((element_id, name, variables))
        return {"sent": True} if name == "mail" else None

    playground = Playground(on_service=on_service)
    services = node("serviceTask", "a", camunda_topic="mail"), node("serviceTask", "b", camunda_topic="fax")
    playground.deploy(diagram(*services, chains=["s > a > b > e"]))
    instance = playground.start("P", {"to": "Ada"})
    assert asked == [("a", "mail", {"to": "Ada"}), ("b", "fax", {"to": "Ada", "sent": True})]
    assert kinds(instance) == [("service", "b", "fax")]
    playground.advance(timedelta(days=1))
    assert len(asked) == 2


def test_a_result_variable_gets_the_entry_of_its_name():
    service = node("serviceTask", "a", camunda_topic="sum", camunda_resultVariable="total")
    for answer, total in (({"total": 3, "more": 1}, 3), ({"value": 3}, {"value": 3}), ({}, "before")):
        playground = Playground(on_service=lambda *_, answer=answer: answer)
        playground.deploy(diagram(service, chains=["s > a > e"]))
        assert playground.start("P", {"total": "before"}).variables["total"] == total


def raising(error):
    def hook(element_id, language, text, variables):
        raise error

    return hook


CAUGHT = [
    node("boundaryEvent", "caught", ERROR, attachedToRef="a"),
    node("endEvent", "rescued"),
]


@pytest.mark.parametrize("element", [script("a", "1"), node("serviceTask", "a", camunda_topic="mail")])
def test_a_hook_throws_a_bpmn_error(element):
    error = BpmnError("broken")
    playground = Playground(on_script=raising(error), on_service=raising(error))
    playground.deploy(diagram(element, *CAUGHT, chains=["s > a > e", "caught > rescued"]))
    instance = playground.start("P")
    assert (instance.trace, instance.uncaught) == (["s", "caught", "rescued"], [])


@pytest.mark.parametrize("element", [script("a", "1"), node("serviceTask", "a", camunda_topic="mail")])
def test_a_hook_that_fails_is_an_incident(element):
    playground = Playground(on_script=raising(ValueError("no")), on_service=raising(ValueError("no")))
    playground.deploy(diagram(element, *CAUGHT, chains=["s > a > e", "caught > rescued"]))
    (incident,) = playground.start("P").incidents
    assert (incident.element_id, incident.code, incident.message) == ("a", "script-failed", "ValueError: no")


def test_fail_throws_an_error_that_is_caught_or_told():
    playground = Playground()
    playground.deploy(diagram(node("userTask", "a"), *CAUGHT, chains=["s > a > e", "caught > rescued"]))
    caught, uncaught = playground.start("P"), playground.start("P")
    caught.fail("a", "broken")
    uncaught.fail("a", "other", "no such thing")
    assert (caught.state, caught.trace) == ("completed", ["s", "caught", "rescued"])
    assert (uncaught.state, uncaught.uncaught) == ("running", ["other"])
    assert [(one.element_id, one.code, one.message) for one in uncaught.incidents] == [("a", "other", "no such thing")]


def test_an_uncaught_error_end_event_is_told():
    playground = Playground()
    playground.deploy(diagram(node("task", "t"), chains=["s > t > e"], end=ERROR))
    instance = playground.start("P")
    assert (instance.state, instance.uncaught, instance.incidents) == ("terminated", ["broken"], [])


def test_escalate_leaves_the_item_open_where_nothing_interrupts():
    roots = '<escalation id="c" escalationCode="up"/>'
    boundary = node(
        "boundaryEvent", "b", '<escalationEventDefinition escalationRef="c"/>', attachedToRef="a",
        cancelActivity="false",
    )  # fmt: skip
    playground = Playground()
    playground.deploy(
        diagram(
            node("userTask", "a"), boundary, node("endEvent", "told"), chains=["s > a > e", "b > told"], roots=roots
        )
    )
    instance = playground.start("P")
    instance.escalate("a", "up", {"why": "late"})
    instance.escalate("a", "nobody")
    assert [item.element_id for item in instance.open_items] == ["a"]
    assert (instance.trace, instance.uncaught) == (["s", "b", "told"], ["nobody"])


def test_a_computed_call_is_an_instance_too():
    playground = Playground()
    playground.deploy(diagram(call("c", '="callee"'), chains=["s > c > e"], process_id="caller"))
    playground.deploy(diagram(node("userTask", "u"), chains=["s > u > e"], process_id="callee"))
    parent = playground.start("caller")
    assert (parent.open_items, [child.process_id for child in parent.children]) == ([], ["callee"])


def test_children_are_instances_of_their_own():
    playground = Playground()
    playground.deploy(diagram(call("c", "callee"), chains=["s > c > e"], process_id="caller"))
    playground.deploy(diagram(node("userTask", "u"), chains=["s > u > e"], process_id="callee"))
    parent = playground.start("caller")
    (child,) = parent.children
    assert (parent.open_items, kinds(child)) == ([], [("user task", "u", None)])
    child.complete("u")
    assert (child.state, parent.state, parent.trace) == ("completed", "completed", ["s", "c", "e"])


# The database


def test_a_closed_playground_gives_its_database_back_empty():
    first = Playground()
    first.deploy(WORK)
    instance = first.start("P")
    first.close()
    with pytest.raises(NotAllowed):
        _ = instance.state
    assert Playground().instances == []


def test_playgrounds_side_by_side_do_not_see_each_other():
    one, other = Playground(), Playground()
    one.deploy(WORK)
    one.start("P")
    assert (len(one.instances), other.instances) == (1, [])
