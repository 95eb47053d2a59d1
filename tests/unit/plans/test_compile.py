"""Compiled plans: the same bytes, a readable drawing, nothing that the lint objects to, designers' changes kept."""

from itertools import combinations, pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.definitions.packages import Package
from engine.definitions.publish import lint_package
from engine.errors import InvalidInput
from workflows.plans.compiler.blocks import Process
from workflows.plans.compiler.compile import compile_checked, compile_plan
from workflows.plans.compiler.folder import compile_folder
from workflows.plans.compiler.layout import Drawing, Shape, draw
from workflows.plans.compiler.lower import closed, row_of
from workflows.plans.compiler.scope import Output, Scope
from workflows.plans.deadlines import step_days
from workflows.plans.schema import read_plan, read_plan_file
from workflows.services import service_kinds

PLAN = """
name: 试验行动
launch: {parameters: [{name: year, type: integer, required: true}]}
units: {kinds: [class]}
roles:
  - {code: head, name: 组长, rule: "group(leading, head)"}
  - {code: teacher, name: 班主任, rule: post(teacher)}
opening:
  - {work: 拟定方案, code: draft, who: initiator, form: [{key: score, label: 分, type: number}]}
  - {approve: 组长批准, code: ok, who: head}
phases:
  - code: study
    name: 学习
    starts: --04-01
    ends: --04-30
    steps:
      - each: 各班学习
        code: classes
        steps: [{work: 学习, code: learn, who: teacher, checklist: [甲, 乙]}, {approve: 审核, code: seen, who: head}]
        gather: {learned: unit_name}
      - each: 教师学习
        code: people
        over: post(teacher)
        steps: [{work: 写心得, code: reflect, who: person, evidence: [心得]}]
  - code: fix
    name: 整改
    starts: --06
    ends: --08
    steps:
      - choose: 几分？
        branches:
          - {when: score > 3, name: 好, steps: [{notify: 表扬, who: head}]}
          - name: 差
            steps:
              - work: 检讨
                code: blame
                who: head
                after: [{wait: 3 working days, steps: [{notify: 超期, who: head}]}]
      - {rounds: 每周检查, code: weekly, every: week, steps: [{work: 检查, code: look, who: head}]}
      - {repeat: 合格？, until: score > 5, steps: [{work: 再改, code: again, who: head, form: [{key: score, label: 分, type: number}]}]}
  - code: sum
    name: 总结
    steps:
      - {decide: grade}
      - {set: {total: score + 1}}
      - {work: 总结, code: summary, who: initiator, due: 3 working days after fix.ends}
decisions:
  - code: grade
    name: 等次
    inputs: [{expression: score, name: 得分}]
    outputs: [{key: mark, name: 等次}]
    rules: [{when: [">= 90"], then: ['"优"']}, {when: [-], then: ['"良"']}]
"""  # noqa: E501 - a plan


def _compiled(text: str = PLAN, key: str = "trial") -> dict[str, bytes]:
    return compile_plan(dedent(text).encode(), key)


def test_compiling_twice_gives_the_same_bytes() -> None:
    assert _compiled() == _compiled()


def test_a_compiled_package_has_nothing_that_the_lint_objects_to() -> None:
    package = Package("trial", {"plan.yaml": PLAN.encode(), **_compiled()})
    assert lint_package(package, set(service_kinds())) == []


def test_every_process_of_the_plan_has_its_file() -> None:
    files = _compiled()
    assert {"trial.bpmn", "classes.bpmn", "people.bpmn", "weekly.bpmn", "grade.dmn", "draft.form"} <= set(files)
    main = Package("trial", {"plan.yaml": PLAN.encode(), **files}).process("trial")[1]
    assert main.nodes["draft"].name == "拟定方案"


def test_a_called_process_is_given_what_it_reads_and_no_more() -> None:
    text = PLAN.replace(
        "work: 检查, code: look, who: head", 'work: 检查, code: look, who: head, title: "=campaign_title"'
    )
    root = etree.fromstring(_compiled(text)["trial.bpmn"])
    given_ = root.xpath("//*[@id='weekly']//*[local-name()='in']/@target")
    assert given_ == ["campaign_title", "round_number", "round_name", "round_opens", "round_due", "round_period"]


CALLS = """
launch: {parameters: [{name: limit, type: integer, default: 3}, {name: weeks, type: integer, default: 2}]}
units: {kinds: [class]}
roles: [{code: head, name: x, rule: initiator}]
opening: [{each: 各班, code: classes, steps: [{call: outer}]}]
streams:
  - {rounds: 检查, code: checks, every: {period: week, step: "{weeks}"}, steps: [{work: 查, code: look, who: head}]}
processes:
  - {code: outer, name: 外, starts: call, steps: [{call: inner}, {notify: 完, who: head, units: all}]}
  - code: inner
    name: 内
    starts: call
    steps: [{work: 改, code: fix, who: head, due: '=string(limit) + " working days"'}]
"""


def _inputs(files: dict[str, bytes], file: str, element: str) -> dict[str, str]:
    """Return what an element of a diagram is given: the expression of each target."""
    node = etree.fromstring(files[file]).xpath(f"//*[@id='{element}']")[0]
    calls = {one.get("target"): one.get("sourceExpression") or one.get("source") for one in node.xpath(".//*[@target]")}
    return calls | {one.get("name"): one.text for one in node.xpath(".//*[local-name()='inputParameter']")}


def test_calls_pass_on_the_launch_parameters_that_called_processes_read() -> None:
    files = _compiled(CALLS)
    for file, call in (("trial.bpmn", "classes"), ("classes.bpmn", "classes_call_1"), ("outer.bpmn", "outer_call_1")):
        assert "limit" in _inputs(files, file, call)
    assert "weeks" not in _inputs(files, "outer.bpmn", "outer_call_1")


def test_units_are_asked_for_where_they_are_no_variable() -> None:
    files = _compiled(CALLS)
    assert b'duban:service="campaign.units"' in files["trial.bpmn"]
    assert '"all"' in _inputs(files, "outer.bpmn", "outer_notify_1")["unit_ids"]


def test_a_rhythm_may_be_a_launch_parameter_and_an_unknown_one_is_refused() -> None:
    assert _inputs(_compiled(CALLS), "trial.bpmn", "checks_chosen")["step"] == "=weeks"
    with pytest.raises(InvalidInput, match="没有启动参数“month”"):
        _compiled(CALLS.replace("{weeks}", "{month}"))


def test_a_timer_on_the_border_waits_for_a_day_of_the_plan_or_of_feel() -> None:
    timers = "after: [{until: --05-01, steps: []}, {until: '=date(told_by)', steps: []}]"
    text = PLAN.replace("after: [{wait: 3 working days, steps: [{notify: 超期, who: head}]}]", timers)
    root = etree.fromstring(_compiled(text)["trial.bpmn"])
    dates = [one.text for one in root.iterfind(".//{*}boundaryEvent/{*}timerEventDefinition/{*}timeDate")]
    assert dates == ["=date(blame_after_1_until)", "=date(told_by)"]
    assert step_days(read_plan_file(text.encode()))["blame_after_1_until"] == "--05-01"
    with pytest.raises(InvalidInput) as refused:
        _compiled(PLAN.replace("wait: 3 working days, ", ""))
    assert "write wait or until" in str(refused.value.fields)


def test_a_called_process_is_given_what_its_decision_tables_read() -> None:
    text = PLAN.replace("steps: [{work: 检查,", "steps: [{decide: grade}, {work: 检查,").replace('">= 90"', '">= year"')
    root = etree.fromstring(_compiled(text)["trial.bpmn"])
    given_ = root.xpath("//*[@id='weekly']//*[local-name()='in']/@target")
    assert given_[:2] == ["score", "year"]


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("[{work: x, code: a, who: nobody}]", "没有角色“nobody”"),
        ("[{work: x, code: a, who: head}, {work: y, code: a, who: head}]", "用了两次"),
        ("[{work: x, code: a, who: person}]", "person is for an each over people"),
        ("[{approve: x, code: a, who: head, back_to: z}]", "there is no z before it"),
        ("[{end: 完}, {work: x, code: a, who: head}]", "到不了这一步"),
        ("[{repeat: x, until: 'true', steps: []}]", "neither be empty nor end"),
        ("[{wait: x, until: --05-01}]", "needs a code"),
        ("[{work: x, code: a, who: head, after: [{wait: --05-01, steps: []}]}]", "goes under until"),
        ("[{stage: x, after: [{until: --05-01, steps: []}], steps: []}]", "needs a code"),
    ],
)
def test_a_plan_that_cannot_be_drawn_says_why(steps: str, sentence: str) -> None:
    text = f"roles: [{{code: head, name: x, rule: initiator}}]\nopening: {steps}"
    with pytest.raises(InvalidInput, match=sentence):
        _compiled(text)


_WORK = {"work": "x", "who": "initiator"}
_names = st.text("检查整改学习自查上报汇总", min_size=1, max_size=12)


def _steps(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    plain: list[st.SearchStrategy[dict[str, Any]]] = [
        st.builds(lambda name: {"work": name, "who": "initiator"}, _names),
        st.builds(lambda name: {"approve": name, "who": "initiator"}, _names),
        st.builds(lambda name: {"wait": name, "for": "2 days"}, _names),
    ]
    if depth:
        inner = _steps(depth - 1)
        branch = st.builds(lambda name, steps: {"name": name, "when": "x > 1", "steps": steps}, _names, inner)
        branches = st.lists(branch, min_size=1, max_size=3)
        timed = st.builds(lambda name, steps: {"wait": "2 days", "name": name, "steps": steps}, _names, inner)
        plain += [
            st.builds(lambda name, ways: {"choose": name, "branches": ways}, _names, branches),
            st.builds(lambda ways: {"parallel": "", "branches": [{"steps": one["steps"]} for one in ways]}, branches),
            st.builds(lambda name, steps: {"stage": name, "steps": steps}, _names, inner),
            st.builds(
                lambda name, after: {"work": name, "who": "initiator", "after": after}, _names,
                st.lists(timed, min_size=1, max_size=2),
            ),
            st.builds(
                lambda name, steps: {"repeat": name, "until": "x > 1", "steps": [_WORK, *steps]}, _names, inner,
            ),
        ]  # fmt: skip
    return st.lists(st.one_of(plain), max_size=4)


def _numbered(steps: list[dict[str, Any]], prefix: str = "s") -> list[dict[str, Any]]:
    numbered = []
    for number, step in enumerate(steps):
        code = f"{prefix}_{number}"
        made = {**step, "code": code}
        if "steps" in step:
            made["steps"] = _numbered(step["steps"], code)
        for key in ("branches", "after"):
            if key in step:
                made[key] = [
                    {**one, "steps": _numbered(one["steps"], f"{code}_{key[0]}{n}")} for n, one in enumerate(step[key])
                ]
        numbered.append(made)
    return numbered


def _drawn(steps: list[dict[str, Any]]) -> Drawing:
    plan = read_plan({"opening": _numbered(steps)})
    scope = Scope(plan, Output(), "p")
    return draw(Process("p", "p", closed(row_of(plan["opening"], scope), "p", scope)))


def _holds(outer: Shape, inner: Shape) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def _apart(one: Shape, other: Shape) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@settings(max_examples=150, deadline=None)
@given(_steps(2))
def test_in_any_drawing_nothing_overlaps_and_what_is_inside_stays_inside(steps: list[dict[str, Any]]) -> None:
    drawing = _drawn(steps)
    hosts = {event: host for event, (host, _) in drawing.attached.items()}
    for one, other in combinations(drawing.shapes, 2):
        if hosts.get(other.node.id) == one.node.id or hosts.get(one.node.id) == other.node.id:
            continue
        inside = other.node.id if drawing.scopes[other.node.id] else ""
        if inside and _inside(drawing, other.node.id, one.node.id):
            assert _holds(one, other), (one, other)
        elif not _inside(drawing, one.node.id, other.node.id):
            assert _apart(one, other), (one, other)


def _inside(drawing: Drawing, node: str, frame: str) -> bool:
    scope = drawing.scopes[node]
    while scope:
        if scope == frame:
            return True
        scope = drawing.scopes[scope]
    return False


@settings(max_examples=150, deadline=None)
@given(_steps(2))
def test_in_any_drawing_flows_are_orthogonal_and_cross_no_activity(steps: list[dict[str, Any]]) -> None:
    drawing = _drawn(steps)
    for flow in drawing.flows:
        assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in pairwise(flow.points))
        for shape in drawing.shapes:
            foreign = shape.node.id not in (flow.source, flow.target) and not shape.expanded
            if foreign and drawing.scopes[shape.node.id] == flow.scope and shape.node.id not in drawing.attached:
                assert not any(_crosses(shape, *stretch) for stretch in pairwise(flow.points)), (flow, shape)


def _crosses(shape: Shape, start: tuple[int, int], end: tuple[int, int]) -> bool:
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    return (
        left < shape.x + shape.width
        and right > shape.x
        and top < shape.y + shape.height
        and bottom > shape.y
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_steps(2))
def test_any_steps_compile_to_the_same_bytes_and_pass_the_lint(steps: list[dict[str, Any]]) -> None:
    plan = read_plan({"name": "甲", "opening": _numbered(steps)})
    files = compile_checked(plan, "any")
    assert files == compile_checked(plan, "any")
    errors = [one for one in lint_package(Package("any", files), set(service_kinds())) if one.severity == "error"]
    assert errors == []


def _folder(tmp_path: Path, text: str = PLAN) -> Path:
    folder = tmp_path / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "plan.yaml").write_text(text, "utf-8")
    return folder


def test_compiling_again_without_an_edit_changes_nothing(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    assert compile_folder(folder).changes
    assert not compile_folder(folder).changes


def test_files_that_nobody_touched_follow_the_plan(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    outcome = compile_folder(
        _folder(tmp_path, PLAN.replace("拟定方案", "起草方案").replace("code: blame", "code: scold"))
    )
    assert "trial.bpmn" in outcome.replaced
    assert "scold.form" in outcome.made
    assert "blame.form" in outcome.removed
    assert not (folder / "blame.form").exists()


def test_a_designers_change_is_merged_with_one_elsewhere(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    diagram = folder / "trial.bpmn"
    diagram.write_text(diagram.read_text("utf-8").replace('name="拟定方案"', 'name="起草方案"'), "utf-8")
    outcome = compile_folder(_folder(tmp_path, PLAN.replace("组长批准", "领导批准")))
    assert outcome.merged == ("trial.bpmn",)
    text = diagram.read_text("utf-8")
    assert "起草方案" in text
    assert "领导批准" in text
    assert lint_package(Package("trial", {p.name: p.read_bytes() for p in folder.glob("*.*")})) == []
    assert not compile_folder(folder).changes


def test_an_element_that_a_designer_added_stays(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    diagram = folder / "trial.bpmn"
    note = '<bpmn:textAnnotation id="note"><bpmn:text>注意</bpmn:text></bpmn:textAnnotation>\n  </bpmn:process>'
    diagram.write_text(diagram.read_text("utf-8").replace("</bpmn:process>", note), "utf-8")
    compile_folder(_folder(tmp_path, PLAN.replace("组长批准", "领导批准")))
    assert "注意" in diagram.read_text("utf-8")


def test_a_place_that_both_changed_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    diagram = folder / "trial.bpmn"
    diagram.write_text(diagram.read_text("utf-8").replace('name="拟定方案"', 'name="起草方案"'), "utf-8")
    before = diagram.read_bytes()
    outcome = compile_folder(_folder(tmp_path, PLAN.replace("拟定方案", "编写方案")))
    assert outcome.refused
    assert "原为 拟定方案，设计者改为 起草方案，计划改为 编写方案" in outcome.conflicts[0].line()
    assert diagram.read_bytes() == before
    forced = compile_folder(folder, force=True)
    assert forced.conflicts
    assert "编写方案" in diagram.read_text("utf-8")


def test_without_a_remembered_base_a_foreign_file_is_shown_not_overwritten(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    diagram = folder / "trial.bpmn"
    diagram.write_text(diagram.read_text("utf-8").replace('name="拟定方案"', 'name="起草方案"'), "utf-8")
    (folder / ".compiled.yaml").unlink()
    outcome = compile_folder(folder)
    assert outcome.refused
    assert any("起草方案" in place for place in outcome.shown["trial.bpmn"])


def test_a_changed_form_is_merged_by_its_fields(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    compile_folder(folder)
    form = folder / "draft.form"
    form.write_text(form.read_text("utf-8").replace('"label": "分"', '"label": "分数"'), "utf-8")
    added = "{key: goal, label: 目标}, {key: score, label: 分, type: number}"
    text = PLAN.replace(
        "form: [{key: score, label: 分, type: number}]}\n  - {approve", f"form: [{added}]}}\n  - {{approve"
    )
    outcome = compile_folder(_folder(tmp_path, text))
    assert "draft.form" in outcome.merged
    assert "分数" in form.read_text("utf-8")
    assert "目标" in form.read_text("utf-8")
