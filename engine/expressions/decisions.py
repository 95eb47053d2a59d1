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
from engine.wording import Sentence, listed, say

LARGEST_MODEL = 250_000
"""Characters of a model's texts and structure: parsed, that is what the sandbox has memory for."""

_KINDS = {"decision": say("决策"), "knowledge": say("业务知识模型"), "service": say("决策服务")}


class DecisionModel:
    """The decisions of one DMN file. Immutable; may be shared between threads."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._text = json.dumps(asdict(drawing), ensure_ascii=False, separators=(",", ":"))
        if len(self._text) > LARGEST_MODEL:
            raise RefusedDecision(say("DMN 文件中的规则过多：请把决策表拆开，或分成几个文件。"))
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
            raise ExpressionError(
                "expression-failed",
                say("没有名为“{decision_id}”的决策。", decision_id=decision_id),
                decision=decision_id,
            )
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
            template = "{where}的表达式“{text}”有语法错误 / FEEL syntax error: {where}, “{text}”"
            rule, message = "decision-syntax", say(template, where=where, text=problem["text"])
            advice = "请在决策编辑器中修改这个单元格 / correct this cell in the decision editor"
        else:
            template = (
                "{where}按优先级取结果，却没有列出输出值的先后 / {where} goes by priorities, yet lists no output values"
            )
            rule, message = f"decision-{problem['name']}", say(template, where=where)
            advice = "请为输出列列出取值，先后即优先级 / list the values of the output, the first one first"
        return LintFinding(rule, "error", owner, name, line, message, advice)


def _where(place: Mapping[str, Any]) -> Sentence:
    """Say in words where something stands: whose it is, which entry, which row and column of its table."""
    table = place["part"] and place["kind"] == "decision"
    word = say("决策表") if table else _KINDS.get(str(place["kind"]), _KINDS["decision"])
    where = say("{word}“{name}”", word=word, name=place["name"])
    for label in filter(None, place["path"]):
        where = say("{where}的“{label}”", where=where, label=label)
    if place["row"]:
        where = say("{where}第 {row} 行", where=where, row=place["row"])
    if place["column"]:
        word = say("输入") if place["part"] == "input" else say("输出")
        where = say("{where}第 {column} 个{word}列", where=where, column=place["column"], word=word)
        where = say("{where}（{label}）", where=where, label=place["label"]) if place["label"] else where
    return where


def _broken(name: str, rules: Sentence, wanted: str, error: str) -> Sentence | None:
    """Say which rule of its table a result breaks, None for what is no such rule."""
    return {
        "not-unique": say("命中策略为“唯一”，却同时命中第 {rules} 行", rules=rules),
        "not-any": say("命中策略为“任意”，但命中的第 {rules} 行结果不一致", rules=rules),
        "not-number": say("汇总的结果不是数字（命中第 {rules} 行）", rules=rules),
        "not-comparable": say("汇总的结果不能互相比较（命中第 {rules} 行）", rules=rules),
        "not-allowed": say("值不在允许的取值范围内"),
        "wrong-type": say("值的类型不符，应为 {type}（{error}）", type=wanted, error=error),
        "no-priorities": say("按优先级取结果，却没有列出输出值的先后"),
    }.get(name)


def _decision_error(answer: Mapping[str, Any]) -> ExpressionError:
    place = answer.get("place")
    if not place:
        return ExpressionError("expression-failed", say("决策计算失败：{error}", error=answer["error"]))
    where = _where(place)
    rules = tuple(answer.get("rules") or ())
    details = {"decision": place["decision"], "row": place["row"] or None, "column": place["column"] or None}
    numbers = listed(map(str, rules))
    if reason := _broken(str(answer.get("name")), numbers, str(answer.get("type")), answer["error"]):
        sentence = say("{where}：{reason}。", where=where, reason=reason)
        return ExpressionError("expression-failed", sentence, rules=rules, **details)
    if answer.get("kind") == "syntax":
        return ExpressionError(
            "expression-syntax",
            say("{where}的表达式有语法错误：{error}", where=where, error=answer["error"]),
            **details,
        )
    return ExpressionError(
        "expression-failed", say("{where}计算失败：{error}", where=where, error=answer["error"]), **details
    )
