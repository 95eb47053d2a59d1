"""Decides by DMN: a decision with all that it requires in one crossing into the sandbox, its texts parsed once."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from engine.definitions.model import LintFinding
from engine.expressions.boxed import Table
from engine.expressions.dmn import Drawing, RefusedDecision, read_dmn
from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Evaluator
from engine.expressions.evaluator import evaluator as shared_evaluator
from engine.interpreter.contract import Decision, DecisionStep

LARGEST_MODEL = 250_000
"""Characters of a model's texts and structure: parsed, that is what the sandbox has memory for."""

_BROKEN = {
    "not-unique": "命中策略为“唯一”，却同时命中第 {rules} 行",
    "not-any": "命中策略为“任意”，但命中的第 {rules} 行结果不一致",
    "not-number": "汇总的结果不是数字（命中第 {rules} 行）",
    "not-comparable": "汇总的结果不能互相比较（命中第 {rules} 行）",
    "not-allowed": "值不在允许的取值范围内",
    "wrong-type": "值的类型不符，应为 {type}（{error}）",
    "no-priorities": "按优先级取结果，却没有列出输出值的先后",
}
_KINDS = {"decision": "决策", "knowledge": "业务知识模型", "service": "决策服务"}


class DecisionModel:
    """The decisions of one DMN file. Immutable; may be shared between threads."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._text = json.dumps(asdict(drawing), ensure_ascii=False, separators=(",", ":"))
        if len(self._text) > LARGEST_MODEL:
            raise RefusedDecision("DMN 文件中的规则过多：请把决策表拆开，或分成几个文件。")
        self._key = sha256(self._text.encode()).hexdigest()

    @classmethod
    def parse(cls, xml: bytes) -> "DecisionModel":
        """Read a DMN file (1.1 to 1.5). Raises RefusedDecision with the place."""
        return cls(read_dmn(xml))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the decisions and decision services, in the order of the file."""
        return (*self._drawing.decisions, *self._drawing.services)

    def check(self, evaluator: Evaluator | None = None) -> list[LintFinding]:
        """Find the cells and expressions whose FEEL cannot be read, and tables that lack what their policy needs."""
        try:
            problems = (evaluator or shared_evaluator()).load_decisions(self._key, self._text)
        except ExpressionError as error:
            name, first = next(iter(self._drawing.decisions.items()))
            advice = "请简化或拆开 / simplify it or split it up"
            return [LintFinding("decision-too-large", "error", name, first.name, first.line, str(error), advice)]
        return [self._finding(problem) for problem in problems]

    def decide(
        self, evaluator: Evaluator, decision_id: str, variables: Mapping[str, Any], *, at: datetime | None = None
    ) -> Decision:
        """Decide, the decisions that are required first, each once.

        ``decision_id`` may name a decision service: its answer is that of its output decisions.

        Raises
        ------
        ExpressionError
            The decision is unknown, a cell fails, or a hit policy is broken; names the decision, its table's row
            and column.
        """
        if decision_id not in self._drawing.decisions and decision_id not in self._drawing.services:
            raise ExpressionError("expression-failed", f"没有名为“{decision_id}”的决策。", decision=decision_id)
        answer = evaluator.decide(self._key, self._text, decision_id, variables, at=at)
        if "error" in answer:
            raise _decision_error(answer)
        result = answer["values"]
        steps = [
            DecisionStep(
                decision=one["id"],
                name="/".join([one["name"], *one["path"]]),
                inputs=one["inputs"],
                rules=tuple(one["rules"]),
                outputs=one["outputs"],
            )
            for one in result["records"]
        ]
        if steps and steps[-1].decision == decision_id:
            own = steps.pop()
            return Decision(result["outputs"], own.rules, own.inputs, tuple(steps), self._output_names(decision_id))
        return Decision(result["outputs"], (), {}, tuple(steps))

    def _output_names(self, decision_id: str) -> tuple[str, ...]:
        decision = self._drawing.decisions.get(decision_id)
        logic = None if decision is None else decision.logic
        return tuple(column.name for column in logic.outputs) if isinstance(logic, Table) else ()

    def _finding(self, problem: Mapping[str, Any]) -> LintFinding:
        drawing = self._drawing
        owner = str(problem["owner"])
        one = drawing.decisions.get(owner) or drawing.knowledge.get(owner) or drawing.inputs.get(owner)
        kind = "knowledge" if owner in drawing.knowledge else "decision"
        name, line = ("", 0) if one is None else (one.name, one.line)
        where = _where({**problem, "kind": kind, "name": name})
        if problem["name"] == "syntax":
            rule, message = "decision-syntax", f"{where}的表达式“{problem['text']}”有语法错误 / FEEL syntax error"
            advice = "请在决策编辑器中修改这个单元格 / correct this cell in the decision editor"
        else:
            rule, message = f"decision-{problem['name']}", f"{where}{_BROKEN[problem['name']]} / No output values"
            advice = "请为输出列列出取值，先后即优先级 / list the values of the output, the first one first"
        return LintFinding(rule, "error", owner, name, line, message, advice)


def _where(place: Mapping[str, Any]) -> str:
    """Say in words where something stands: whose it is, which entry, which row and column of its table."""
    word = "决策表" if place["part"] and place["kind"] == "decision" else _KINDS.get(str(place["kind"]), "决策")
    where = f"{word}“{place['name']}”" + "".join(f"的“{label}”" for label in place["path"] if label)
    if place["row"]:
        where += f"第 {place['row']} 行"
    if place["column"]:
        where += f"第 {place['column']} 个{'输入' if place['part'] == 'input' else '输出'}列"
        where += f"（{place['label']}）" if place["label"] else ""
    return where


def _decision_error(answer: Mapping[str, Any]) -> ExpressionError:
    place = answer.get("place")
    if not place:
        return ExpressionError("expression-failed", f"决策计算失败：{answer['error']}")
    where = _where(place)
    rules = tuple(answer.get("rules") or ())
    details = {"decision": place["decision"], "row": place["row"] or None, "column": place["column"] or None}
    if reason := _BROKEN.get(str(answer.get("name"))):
        numbers = "、".join(map(str, rules))
        sentence = reason.format(rules=numbers, type=answer.get("type"), error=answer["error"])
        return ExpressionError("expression-failed", f"{where}：{sentence}。", rules=rules, **details)
    if answer.get("kind") == "syntax":
        return ExpressionError("expression-syntax", f"{where}的表达式有语法错误：{answer['error']}", **details)
    return ExpressionError("expression-failed", f"{where}计算失败：{answer['error']}", **details)
