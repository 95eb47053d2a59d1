"""What differs between two states of a package, by element."""

from tests.support.turning import diagram, line, process, user
from workflows.designer.comparing import Change, compare

SHAPES = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane bpmnElement="main">'
    '<bpmndi:BPMNShape bpmnElement="A"><dc:Bounds x="{x}" y="10" width="100" height="80"/></bpmndi:BPMNShape>'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
)
DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="levels" name="层级"><decisionTable id="t"><input id="i"><inputExpression id="e"><text>days</text>
</inputExpression></input><output id="o" name="level"/>
<rule id="r1"><inputEntry id="c1"><text>&lt;= 3</text></inputEntry>
<outputEntry id="a1"><text>"low"</text></outputEntry></rule></decisionTable></decision></definitions>"""


def _drawn(x: int, *elements: str) -> bytes:
    return diagram(process("main", line(*elements))).replace(b"</definitions>", SHAPES.format(x=x).encode())


def _brief(found: list[Change]) -> set[tuple[str, str, str]]:
    return {(one.kind, one.element, one.what) for one in found}


def test_the_same_is_no_difference() -> None:
    files = {"a.bpmn": _drawn(1, user("A", "initiator")), "a.dmn": DMN.encode()}
    assert compare("a", files, dict(files)) == []


def test_elements_are_added_removed_changed_and_moved() -> None:
    before = {"a.bpmn": _drawn(1, user("A", "initiator"), user("B", "initiator"))}
    after = {"a.bpmn": _drawn(50, user("A", "person(li)", due="1 day"), user("C", "initiator"))}
    assert _brief(compare("a", before, after)) == {
        ("changed", "A", "camunda:assignee"),
        ("changed", "A", "duban:due"),
        ("removed", "B", ""),
        ("added", "C", ""),
        ("changed", "f1", "target"),
        ("changed", "f2", "source"),
        ("moved", "A", ""),
    }


def test_rules_of_decisions_are_compared() -> None:
    found = compare("a", {"a.dmn": DMN.encode()}, {"a.dmn": DMN.replace("&lt;= 3", "&lt;= 5").encode()})
    assert [(one.what, one.before, one.after) for one in found] == [("rule 1", '<= 3 → "low"', '<= 5 → "low"')]


def test_what_cannot_be_read_is_compared_as_a_text() -> None:
    found = compare("a", {"a.bpmn": b"<a\nb"}, {"a.bpmn": b"<a\nc"})
    assert [(one.type, one.what, one.before, one.after) for one in found] == [("file", "lines", "b", "c")]


def test_files_come_and_go() -> None:
    found = compare("a", {"a.md": b"", "b.docx": b"x"}, {"c.md": b"", "b.docx": b"xy"})
    assert [(one.path, one.kind) for one in found] == [("a.md", "removed"), ("b.docx", "changed"), ("c.md", "added")]
