"""What stands against publishing: the engine's lint, and whether people, fields and scenarios that are named exist."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.definitions.assignment import parse_rule
from engine.definitions.forms import Form
from engine.definitions.lint.approvals import ASSIGNMENTS, RULES
from engine.definitions.lint.sources import SOURCES
from engine.definitions.model import Definition, LintFinding, Node, Process
from engine.definitions.packages import Package
from engine.definitions.publish import lint_package
from engine.errors import DubanError, InvalidInput
from engine.wording import both, say
from workflows.designer.directory import Directory
from workflows.designer.fixing import Fix, fixes_of
from workflows.plans.file import line_of, read_lines
from workflows.plans.schema import FILENAME, problems_of
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.player import scenario_paths
from workflows.scenarios.reading import read_scenario

if TYPE_CHECKING:
    from engine.runtime import Engine

_WORD = re.compile(r"[A-Za-z_]\w*")
_TEXT = re.compile(r'"[^"]*"')
_NAMING = tuple(f"{prefix}:{name}" for prefix in ("camunda", "duban") for name in ASSIGNMENTS)


@dataclass(frozen=True, slots=True)
class Checked:
    """A finding with the rule of the standard behind it (empty: the house's own) and what would mend it."""

    finding: LintFinding
    source: str
    fixes: tuple[Fix, ...]


def check_package(engine: "Engine", session: Session, package: Package) -> list[LintFinding]:
    """Return what stands against publishing a package in this installation, the gravest first."""
    findings = lint_package(package, engine.services)
    diagrams, forms = dict(_diagrams(package)), dict(_forms(package))
    directory = Directory(session, package)
    for path, definition in diagrams.items():
        for process in definition.processes.values():
            for node in process.nodes.values() if process.executable else ():
                findings += _check_people(path, node, directory)
                findings += _check_fields(path, node, forms)
            findings += _check_kept(path, process, forms) if process.executable else ()
    findings += _check_plan(package)
    findings += _check_scenarios(package)
    return sorted(findings, key=lambda one: one.severity != "error")


def check_with_fixes(engine: "Engine", session: Session, package: Package) -> list[Checked]:
    """Return the findings with what would mend them."""
    diagrams = dict(_diagrams(package))
    return [
        Checked(one, SOURCES.get(one.rule, ""), tuple(fixes_of(one, diagrams.get(one.file), package)))
        for one in check_package(engine, session, package)
    ]


def _diagrams(package: Package) -> Iterator[tuple[str, Definition]]:
    """Return the diagrams that can be read; the lint tells of the others."""
    for path, content in package.files.items():
        if path.endswith(".bpmn"):
            try:
                yield from Package(package.key, {path: content}).diagrams.items()
            except DubanError:
                continue


def _forms(package: Package) -> Iterator[tuple[str, Form]]:
    for path, content in package.files.items():
        if path.endswith(".form"):
            try:
                yield PurePosixPath(path).stem, Form.parse(content)
            except DubanError:
                continue


def _check_people(path: str, node: Node, directory: Directory) -> Iterator[LintFinding]:
    if node.type != "userTask":
        return
    rules = {name: node.attributes[name] for name in RULES if node.attributes.get(name)}
    if not any(name in rules for name in _NAMING) and not node.lane:
        yield _finding(
            path,
            node,
            "no-assignee",
            "没有写明谁办 / Nobody is named for it",
            "选一个办理人规则 / Choose who does it",
            severity="warning",
        )
    for rule in rules.values():
        if rule.lstrip().startswith("=") or "${" in rule:
            continue
        try:
            terms = parse_rule(rule)
        except InvalidInput:
            continue
        for term in terms:
            if (unknown := directory.unknown(term)) is not None:
                yield _finding(
                    path,
                    node,
                    "unknown-people",
                    f"组织里没有{unknown} / The organisation has no {unknown}",
                    "从列表里选，或先在组织管理里建立 / Choose one from the list, or add it to the organisation",
                )


def _check_fields(path: str, node: Node, forms: Mapping[str, Form]) -> Iterator[LintFinding]:
    """Fields that a node has rights on are in its form."""
    form = forms.get(node.attributes.get("duban:form") or node.attributes.get("camunda:formKey") or "")
    if form is None:
        return
    known = {field.key for field in form.fields}
    for part in node.attributes.get("duban:fieldPermissions", "").split(","):
        field = part.partition(":")[0].strip()
        if field and field != "*" and field not in known:
            yield _finding(
                path,
                node,
                "unknown-field",
                f"表单里没有“{field}”这一项 / The form has no field {field}",
                "更正字段权限，或在表单里加上 / Correct the rights on fields, or add it to the form",
            )


def _check_kept(path: str, process: Process, forms: Mapping[str, Form]) -> Iterator[LintFinding]:
    """Fields that an expression asks for are kept as variables by the step whose form has them."""
    kept = {name for node in process.nodes.values() for name in _listed(node.attributes.get("duban:variables"))}
    homes: dict[str, Node] = {}
    for node in process.nodes.values():
        form = forms.get(node.attributes.get("duban:form") or "") if node.type == "userTask" else None
        for field in form.fields if form else ():
            homes.setdefault(field.key, node)
    set_elsewhere = {name for node in process.nodes.values() for name in node.outputs}
    asked = {
        name: expression
        for expression in reversed(list(_expressions(process)))
        for name in {match[0] for match in _WORD.finditer(_TEXT.sub("", expression))}
    }
    for name in sorted(set(asked) & set(homes) - kept - set_elsewhere):
        yield _finding(
            path,
            homes[name],
            "field-not-kept",
            f"“{asked[name]}”用到的字段“{name}”没有存为变量 / An expression asks for {name}: it is not kept",
            f"把“{name}”列入“存为变量的字段” / Name {name} among the fields kept as variables",
            severity="warning",
        )


def _expressions(process: Process) -> Iterator[str]:
    """Return the FEEL of a process: conditions, and what nodes are given by ``=``, without that sign."""
    for flow in process.flows.values():
        if flow.condition:
            yield flow.condition
    for node in process.nodes.values():
        for value in (*node.inputs.values(), *node.attributes.values()):
            if value.startswith("="):
                yield value[1:].strip()


def _listed(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _check_plan(package: Package) -> Iterator[LintFinding]:
    content = package.files.get(FILENAME)
    if content is None:
        return
    try:
        raw, lines = read_lines(content, FILENAME)
    except DubanError:
        return
    for problem in problems_of(raw)[1]:
        advice = "见计划的说明 docs/plans.md / See docs/plans.md"
        line = line_of(lines, problem.path)
        place = ".".join(map(str, problem.path))
        message = say("{place}：{message}", place=place, message=both(problem.message)) if place else problem.message
        yield LintFinding("plan", "error", None, None, line, message, advice, FILENAME)


def _check_scenarios(package: Package) -> Iterator[LintFinding]:
    for path in scenario_paths(package):
        try:
            read_scenario(package.files[path], filename=path)
        except ScenarioError as error:
            advice = "更正场景，或重新录制 / Correct the scenario, or record it again"
            yield LintFinding("scenario", "error", None, None, 0, str(error), advice, path)


def _finding(  # noqa: PLR0917
    path: str, node: Node, rule: str, message: str, advice: str, severity: str = "error"
) -> LintFinding:
    return LintFinding(rule, severity, node.id, node.name, node.line, message, advice, path)
