"""Refuses what the interpreter would not execute as drawn: with element, line, reason and advice.

Nothing is silently misread: an element either works, or stands in the findings with severity ``error``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from engine.definitions.lint.activities import check_activity, check_ad_hoc, check_led_to
from engine.definitions.lint.approvals import check_withdraw
from engine.definitions.lint.compensation import check_compensation
from engine.definitions.lint.details import check_attributes
from engine.definitions.lint.events import check_event
from engine.definitions.lint.handlers import check_event_gateway, check_event_subprocess
from engine.definitions.lint.messages import check_message_flows, check_messages, check_stores, dangling_message_flows
from engine.definitions.lint.reachable import check_reachable
from engine.definitions.lint.standard import check_standard
from engine.definitions.lint.untranslated import check_untranslated
from engine.definitions.model import Definition, Flow, LintFinding, Node, Process
from engine.definitions.parse import read_document
from engine.definitions.scopes import openings
from engine.definitions.vocabulary import ACTIVITIES, EXECUTED, GATEWAYS

BRANCHING = frozenset({"exclusiveGateway", "inclusiveGateway"})

SHOWN = 200
"""Letters of an expression that a finding shows."""

_ECHOES = {
    "forbidden-event": frozenset({"unsupported-event", "multiple-event", "error-not-interrupting"}),
    "choreography-in-process": frozenset({"unsupported-element"}),
    "dangling-reference": frozenset({"dangling-reference"}),
    "wrong-reference": frozenset({"dangling-reference", "not-attached"}),
}
"""What says the same of an element, with less reason, as a rule of the standard."""


@dataclass(slots=True)
class Linter:
    """Collects findings about one process; knows what is around it."""

    process: Process
    known_processes: Collection[str] | None = None
    known_decisions: Collection[str] | None = None
    known_forms: Collection[str] | None = None
    known_services: Collection[str] | None = None
    check_expression: Callable[[str], str | None] | None = None
    findings: list[LintFinding] = field(default_factory=list)
    with_start: frozenset[str] = field(init=False)
    """The process and the subprocesses in which a start event is drawn."""
    inside: dict[str, list[Node]] = field(init=False)
    """Nodes by the process or subprocess that they lie in."""
    attached: dict[str, list[Node]] = field(init=False)
    """Boundary events by the activity that they are attached to."""

    def __post_init__(self) -> None:
        self.inside, self.attached = defaultdict(list), defaultdict(list)
        for node in self.process.nodes.values():
            self.inside[node.parent].append(node)
            if node.type == "boundaryEvent":
                self.attached[node.attributes.get("attachedToRef", "")].append(node)
        self.with_start = frozenset(node.parent for node in self.process.nodes.values() if node.type == "startEvent")

    def refuse(self, rule: str, node: Node | None, message: str, advice: str, line: int = 0) -> None:
        """Add a finding that stands against publishing; messages are Chinese " / " English."""
        self._add("error", rule, node, message, advice, line)

    def warn(self, rule: str, node: Node | None, message: str, advice: str, line: int = 0) -> None:
        """Add a finding that does not stand against publishing."""
        self._add("warning", rule, node, message, advice, line)

    def _add(  # noqa: PLR0917
        self, severity: str, rule: str, node: Node | None, message: str, advice: str, line: int
    ) -> None:
        place = node.id if node else self.process.id
        name = node.name if node else self.process.name
        at = line or (node.line if node else self.process.line)
        self.findings.append(LintFinding(rule, severity, place, name, at, message, advice))

    def expression(self, node: Node | None, text: str | None, what: str, line: int = 0) -> None:
        """Check the syntax of a FEEL expression."""
        if text is None:
            return
        if "${" in text or "#{" in text:
            self.refuse(
                "foreign-expression",
                node,
                f"{what}“{shortened(text)}”不是 FEEL / {what} is not FEEL",
                "改写成 FEEL，例如 ${x > 1} 写成 x > 1 / Write it in FEEL: x > 1 instead of ${x > 1}",
                line,
            )
        elif not text.lstrip("=").strip():
            self.refuse("empty-expression", node, f"{what}是空的 / Empty expression", "写上表达式 / Write it", line)
        elif self.check_expression is not None and (problem := self.check_expression(text)):
            self.refuse(
                "bad-expression",
                node,
                f"{what}“{shortened(text)}”有语法错误：{problem} / Syntax error",
                "更正 FEEL 表达式 / Correct the FEEL expression",
                line,
            )


def shortened(text: str) -> str:
    """Return a text on one line, short enough for a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def lint_diagram(
    definition: Definition,
    *,
    known_processes: Collection[str] | None = None,
    known_decisions: Collection[str] | None = None,
    known_forms: Collection[str] | None = None,
    known_services: Collection[str] | None = None,
    known_files: Collection[str] | None = None,
    check_expression: Callable[[str], str | None] | None = None,
) -> list[LintFinding]:
    """Return what stands against publishing a diagram, in the order of its lines; ``error`` findings refuse it.

    The standard's rules look at the whole document; the others at what is executed.
    A ``known_…`` of None checks no reference of that kind. Processes of the diagram itself are always known, and a
    process that is not executable is documentation: it is not looked at.
    """
    document = read_document(definition.source)
    standard = check_standard(document, known_files=known_files, known_processes=known_processes)
    findings: list[LintFinding] = list(dangling_message_flows(definition))
    known = None if known_processes is None else {*known_processes, *definition.processes}
    for process in definition.processes.values():
        if process.executable:
            linter = Linter(process, known, known_decisions, known_forms, known_services, check_expression)
            _lint_process(linter)
            check_message_flows(linter, definition.collaboration)
            findings += linter.findings
    findings += check_untranslated(document, definition, findings)
    if not any(process.executable for process in definition.processes.values()):
        first = next(iter(definition.processes.values()))
        message = "没有可执行的流程 / No process is executable"
        advice = "设置 isExecutable=true / Set isExecutable to true"
        findings.append(LintFinding("not-executable", "error", first.id, first.name, first.line, message, advice))
    return sorted(_without_echoes(standard, findings), key=lambda finding: finding.line)


def _without_echoes(standard: list[LintFinding], execution: list[LintFinding]) -> list[LintFinding]:
    """Join both kinds of findings: what the standard forbids need not also be called unsupported."""
    said = {(finding.element_id, echo) for finding in standard for echo in _ECHOES.get(finding.rule, ())}
    return standard + [finding for finding in execution if (finding.element_id, finding.rule) not in said]


def _lint_process(lint: Linter) -> None:
    process = lint.process
    _check_scope(lint, process.id, None)
    _check_flows(lint)
    _check_links(lint)
    for node in process.nodes.values():
        if node.type not in EXECUTED:
            lint.refuse(
                "unsupported-element",
                node,
                f"不能执行元素 {node.type} / {node.type} is not executed",
                "用支持的元素改画 / Draw it with supported elements",
            )
            continue
        if node.type in ACTIVITIES:
            check_activity(lint, node)
        elif node.type in GATEWAYS:
            _check_gateway(lint, node)
        else:
            check_event(lint, node)
        if node.type == "subProcess" and node.attributes.get("triggeredByEvent") == "true":
            check_event_subprocess(lint, node)
        elif node.type in ("subProcess", "transaction"):
            _check_scope(lint, node.id, node)
        elif node.type == "adHocSubProcess":
            check_ad_hoc(lint, node)
        check_attributes(lint, node)
        check_stores(lint, node)
    check_messages(lint)
    check_compensation(lint)
    check_withdraw(lint, process.attributes.get("duban:withdraw"))
    check_reachable(lint)


def _check_scope(lint: Linter, scope_id: str, owner: Node | None) -> None:
    """A scope begins somewhere. It needs no end event: it is over with its last token."""
    inside = lint.inside[scope_id]
    starts = [node for node in inside if node.type == "startEvent"]
    plain = [node for node in starts if not node.events]
    if not openings(lint.process, scope_id):
        lint.refuse("no-start", owner, "没有开始的地方 / Nothing begins it", "加上开始事件 / Add a start event")
    if owner is None and len(plain) > 1:
        lint.warn(
            "first-start",
            None,
            "有几个无触发条件的开始事件：不指名时从第一个开始 / Of several plain start events, the first one begins it",
            "启动时指明开始事件，或只留一个 / Name the start event when starting, or keep one",
        )
    elif owner is not None and starts and len(plain) != 1:
        lint.refuse(
            "several-starts",
            owner,
            "应当只有一个无触发条件的开始事件 / There must be exactly one start event without trigger",
            "只留一个 / Keep one",
        )


def _check_flows(lint: Linter) -> None:
    nodes = lint.process.nodes
    for flow in lint.process.flows.values():
        source, target = nodes.get(flow.source), nodes.get(flow.target)
        if source is None or target is None:
            missing = flow.target if source is not None else flow.source
            lint.refuse(
                "dangling-flow",
                None,
                f"连线“{flow.id}”指向不存在的元素“{missing}” / Flow {flow.id} refers to unknown {missing}",
                "重新连接或删除 / Connect it again or delete it",
                flow.line,
            )
            continue
        if source.parent != target.parent:
            lint.refuse(
                "crossing-flow",
                source,
                f"连线“{flow.id}”穿过子流程边界 / Flow {flow.id} crosses the border of a subprocess",
                "用子流程自己的开始和结束事件 / Use the subprocess's own start and end events",
                flow.line,
            )
        if target.type in ("startEvent", "boundaryEvent") or source.type == "endEvent":
            lint.refuse(
                "misplaced-flow",
                source,
                f"连线“{flow.id}”不能这样连接 / Flow {flow.id} may not be connected like this",
                "开始和边界事件没有流入，结束事件没有流出 / Nothing enters starts and boundaries or leaves ends",
                flow.line,
            )
        lint.expression(source, flow.condition, f"连线“{flow.name or flow.id}”的条件", flow.line)
        if flow.condition is not None and source.type in ("parallelGateway", "eventBasedGateway"):
            lint.refuse(
                "useless-condition",
                source,
                f"{source.type} 之后的条件不会被执行 / A condition after {source.type} is not evaluated",
                "改用排他或包容网关 / Use an exclusive or inclusive gateway",
                flow.line,
            )


def _check_links(lint: Linter) -> None:
    catches: dict[tuple[str, str], list[Node]] = {}
    for node in lint.process.nodes.values():
        for event in node.events:
            if event.kind == "link" and node.type == "intermediateCatchEvent":
                catches.setdefault((node.parent, event.details.get("name", "")), []).append(node)
    for node in lint.process.nodes.values():
        for event in node.events:
            if event.kind != "link" or node.type != "intermediateThrowEvent":
                continue
            if len(catches.get((node.parent, event.details.get("name", "")), [])) != 1:
                lint.refuse(
                    "link-target",
                    node,
                    f"链接“{event.details.get('name')}”应恰有一个同名的捕获 / A link needs one catch of its name",
                    "加上或改名 / Add it or rename it",
                )


def _check_gateway(lint: Linter, node: Node) -> None:
    flows = [lint.process.flows[flow] for flow in node.outgoing]
    default = node.attributes.get("default")
    if not flows:
        lint.refuse("no-outgoing", node, "网关没有流出 / The gateway leads nowhere", "连上后续 / Connect it")
    check_led_to(lint, node)
    if node.type == "complexGateway":
        _check_complex(lint, node)
    if node.type == "exclusiveGateway" and len(flows) > 1:
        _check_conditions(lint, node, [flow for flow in flows if flow.condition is None and flow.id != default])
    if node.type in BRANCHING and len(flows) > 1 and default is None:
        lint.warn(
            "no-default",
            node,
            "没有默认流向：条件都不成立时会停下 / Without a default flow it stops when no condition holds",
            "设一个默认流向 / Set a default flow",
        )
    if node.type == "eventBasedGateway":
        check_event_gateway(lint, node)


def _check_conditions(lint: Linter, node: Node, free: list[Flow]) -> None:
    """One branch without condition is what remains when no condition holds; of several nobody knows which."""
    for flow in free if len(free) > 1 else ():
        lint.refuse(
            "no-condition",
            node,
            f"分支“{flow.name or flow.id}”没有条件，也不是默认流向 / A branch without condition or default",
            "写上条件或设为默认 / Give it a condition or make it the default",
            flow.line,
        )
    if len(free) == 1:
        lint.warn(
            "unmarked-default",
            node,
            f"分支“{free[0].name or free[0].id}”没有条件：其余都不成立时走它 / A branch without condition is the rest",
            "设为默认流向 / Make it the default flow",
            free[0].line,
        )


def _check_complex(lint: Linter, node: Node) -> None:
    condition = node.properties.get("activationCondition")
    if condition is None and len(node.incoming) > 1:
        lint.refuse(
            "no-activation-condition",
            node,
            "复杂网关没有激活条件 / The complex gateway has no activation condition",
            "写上，例如 activationCount >= 2 / Write it, for example activationCount >= 2",
        )
    lint.expression(node, condition, "激活条件")
