"""What the interpreter would not execute as drawn is refused, with the element and its line."""

import pytest

from engine.definitions.lint import lint_diagram
from engine.expressions import evaluator
from tests.support.drawing import ENDS, draw, flows, node, timer, user

CHAIN = flows("s > a > e")
ROOTS = '<error id="x" name="refused" errorCode="E1"/>'


def rules(body: str, roots: str = "", **known: set[str]) -> set[str]:
    findings = lint_diagram(draw(body, roots), check_expression=evaluator().check, **known)
    return {finding.rule for finding in findings if finding.severity == "error"}


def test_a_finding_shows_the_beginning_of_a_long_expression() -> None:
    body = ENDS + user("a") + flows(f's > a ["{"x" * 5_000}" +]> e')
    findings = lint_diagram(draw(body), check_expression=evaluator().check)
    told = next(finding.message for finding in findings if finding.rule == "bad-expression")
    assert "xxx…”有语法错误" in told
    assert len(told) < 600


def test_a_plain_diagram_has_no_findings() -> None:
    assert rules(ENDS + user("a") + CHAIN) == set()


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("unreachable", ENDS + user("a", "island") + CHAIN + flows("island > e")),
        ("no-start", user("a", "b") + flows("a > b > a")),
        ("no-start", ENDS + node("subProcess", "a") + CHAIN),
        ("no-incoming", ENDS + user("a", "island") + CHAIN + flows("island > e")),
        ("choreography-in-process", ENDS + node("callChoreography", "a") + CHAIN),
        ("dangling-flow", ENDS + user("a") + CHAIN + flows("a > nowhere")),
        ("no-condition", ENDS + node("exclusiveGateway", "a") + user("b") + CHAIN + flows("a > b > e")),
        ("bad-expression", ENDS + user("a") + flows("s > a [1 +]> e")),
        ("foreign-expression", ENDS + user("a") + flows("s > a [${ok}]> e")),
        ("useless-condition", ENDS + node("parallelGateway", "a") + flows("s > a [ok]> e")),
        ("forbidden-event", ENDS + node("intermediateCatchEvent", "a", "<errorEventDefinition/>") + CHAIN),
        ("link-target", ENDS + node("intermediateThrowEvent", "a", '<linkEventDefinition name="x"/>') + CHAIN),
        ("script-language", ENDS + node("scriptTask", "a", "<script>x</script>", scriptFormat="python") + CHAIN),
        ("script-language", ENDS + node("scriptTask", "a", "<script>x</script>", scriptFormat="groovy") + CHAIN),
        ("timer", ENDS + node("intermediateCatchEvent", "a", timer("-PT1H")) + CHAIN),
        ("timer", ENDS + node("intermediateCatchEvent", "a", timer("P1X")) + CHAIN),
        ("timer", ENDS + node("intermediateCatchEvent", "a", timer("2026-13-45", "timeDate")) + CHAIN),
        ("no-service", ENDS + node("serviceTask", "a") + CHAIN),
        ("no-decision", ENDS + node("businessRuleTask", "a") + CHAIN),
        ("no-message", ENDS + node("receiveTask", "a", messageRef="unknown") + CHAIN),
        ("dangling-reference", ENDS + node("endEvent", "a", '<errorEventDefinition errorRef="?"/>') + flows("s > a")),
        ("not-attached", ENDS + user("a") + CHAIN + node("boundaryEvent", "b", timer("P1D")) + flows("b > e")),
        ("endless-loop", ENDS + node("userTask", "a", "<standardLoopCharacteristics/>") + CHAIN),
        ("multi-instance", ENDS + node("userTask", "a", "<multiInstanceLoopCharacteristics/>") + CHAIN),
        ("attribute-value", ENDS + node("userTask", "a", duban_policy="most") + CHAIN),
        ("dangling-default", ENDS + node("userTask", "a", default="nothing") + CHAIN),
        ("event-gateway-target", ENDS + node("eventBasedGateway", "g") + user("a") + flows("s > g > a > e")),
    ],
)
def test_what_is_not_executed_as_drawn_is_refused(rule: str, body: str) -> None:
    assert rule in rules(body)


def test_one_branch_without_condition_is_the_rest() -> None:
    drawing = ENDS + node("exclusiveGateway", "a") + user("b") + flows("s > a > b > e", "a [x > 1]> e")
    found = {(one.rule, one.severity) for one in lint_diagram(draw(drawing))}
    assert {severity for rule, severity in found} == {"warning"}
    assert "unmarked-default" in {rule for rule, severity in found}


@pytest.mark.parametrize("text", ["PT1H", "P3D", "3 working days", "=deadline", 'duration("PT" + h)'])
def test_timer_texts_that_are_understood(text: str) -> None:
    assert rules(ENDS + node("intermediateCatchEvent", "a", timer(text)) + CHAIN) == set()


@pytest.mark.parametrize(
    ("rule", "element"),
    [
        ("unknown-process", node("callActivity", "a", calledElement="nothing")),
        ("unknown-decision", node("businessRuleTask", "a", camunda_decisionRef="nothing")),
        ("unknown-service", node("serviceTask", "a", duban_service="nothing")),
        ("unknown-form", node("userTask", "a", duban_form="nothing")),
    ],
)
def test_references_that_the_package_does_not_hold_are_refused(rule: str, element: str) -> None:
    known = {f"known_{kind}": {"other"} for kind in ("processes", "decisions", "services", "forms")}
    assert rules(ENDS + element + CHAIN, **known) == {rule}
    assert rules(ENDS + element + CHAIN) == set()


def test_a_finding_names_element_line_reason_and_advice_in_both_languages() -> None:
    body = ENDS + "\n\n" + node("scriptTask", "a", "<script>x</script>", scriptFormat="python", name="算分") + CHAIN
    finding = next(f for f in lint_diagram(draw(body)) if f.rule == "script-language")
    assert (finding.element_id, finding.element_name, finding.line, finding.severity) == ("a", "算分", 3, "error")
    assert " / " in finding.message
    assert " / " in finding.advice


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        ('duban:policy="vote"', "vote-needs"),
        ('duban:policy="vote" duban:voteRatio="2/3" duban:voteCount="2"', "vote-needs"),
        ('duban:policy="vote" duban:voteRatio="120%"', "vote-needs"),
        ('duban:policy="vote" duban:voteRatio="1/0"', "vote-needs"),
        ('duban:policy="vote" duban:voteCount="0"', "vote-needs"),
        ('duban:policy="most"', "attribute-value"),
        ('duban:emptyApprover="named"', "empty-approver-to"),
        ('duban:dedupe="always"', "attribute-value"),
    ],
)
def test_approvals_that_no_rule_knows_are_refused(attributes: str, rule: str) -> None:
    body = ENDS + f'<userTask id="a" camunda:assignee="1" {attributes}/>' + CHAIN
    assert rule in {one.rule for one in lint_diagram(draw(body))}


@pytest.mark.parametrize("needs", ['voteRatio="2/3"', 'voteRatio="60%"', 'voteCount="3"'])
def test_votes_that_say_what_they_need_are_accepted(needs: str) -> None:
    body = ENDS + f'<userTask id="a" camunda:assignee="group(a)" duban:policy="vote" duban:{needs}/>' + CHAIN
    assert lint_diagram(draw(body)) == []


@pytest.mark.parametrize(
    "rule", ["post(director)", "chosen(next, group(a) | leader())", "initiator | leader(ward)", "=if x then 1 else 2"]
)
def test_assignment_rules_of_the_grammar_are_accepted(rule: str) -> None:
    assert lint_diagram(draw(ENDS + f'<userTask id="a" camunda:assignee="{rule}"/>' + CHAIN)) == []


@pytest.mark.parametrize("name", ["camunda:assignee", "camunda:candidateGroups", "duban:copyTo", "duban:extendBy"])
def test_assignment_rules_that_nobody_understands_are_refused(name: str) -> None:
    (finding,) = lint_diagram(draw(ENDS + f'<userTask id="a" {name}="boss(1)"/>' + CHAIN))
    assert (finding.rule, finding.severity) == ("assignment-rule", "error")
    assert "boss" in finding.message


@pytest.mark.parametrize("text", ["P" + "9" * 40 + "Y", "PT" + "9" * 400 + "S"])
def test_a_duration_beyond_all_calendars_is_refused(text: str) -> None:
    assert rules(ENDS + node("intermediateCatchEvent", "a", timer(text)) + CHAIN) == {"timer"}


def test_an_instant_with_an_impossible_offset_is_refused() -> None:
    body = node("intermediateCatchEvent", "a", timer("2026-01-01T00:00:00+99:99", "timeDate"))
    assert rules(ENDS + body + CHAIN) == {"timer"}


def test_several_plain_starts_are_as_the_standard_has_it_but_not_in_a_subprocess() -> None:
    two = node("startEvent", "s1") + node("startEvent", "s2") + node("endEvent", "z") + flows("s1 > z", "s2 > z")
    found = {(finding.rule, finding.severity) for finding in lint_diagram(draw(two))}
    assert found == {("first-start", "warning")}
    assert rules(ENDS + node("subProcess", "a", two) + CHAIN) == {"several-starts"}


def test_what_the_standard_forbids_is_not_also_called_unsupported() -> None:
    found = lint_diagram(draw(ENDS + node("intermediateCatchEvent", "a", "<errorEventDefinition/>") + CHAIN))
    assert [finding.rule for finding in found] == ["forbidden-event"]
