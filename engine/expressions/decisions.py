"""Decides by DMN: every hit policy and aggregation, a whole table in one crossing into the sandbox."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from engine.definitions.model import LintFinding
from engine.expressions.dmn import DecisionDefinition, Drawing, RefusedDecision, Table, read_dmn
from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Evaluator
from engine.interpreter.contract import Decision

_BROKEN = {
    "not-unique": "命中策略为“唯一”，却同时命中第 {rules} 行",
    "not-any": "命中策略为“任意”，但命中的第 {rules} 行结果不一致",
    "not-number": "汇总的结果不是数字（命中第 {rules} 行）",
    "not-allowed": "输入值不在允许的取值范围内",
}


class DecisionModel:
    """The decisions of one DMN file. Immutable; may be shared between threads."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._tables = {
            decision.id: asdict(decision.logic)
            for decision in drawing.decisions.values()
            if isinstance(decision.logic, Table)
        }
        self._orders = {identifier: self._order(identifier) for identifier in drawing.decisions}

    @classmethod
    def parse(cls, xml: bytes) -> "DecisionModel":
        """Read a DMN file (1.1 to 1.5). Raises RefusedDecision with the place."""
        return cls(read_dmn(xml))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the decisions, in the order of the file."""
        return tuple(self._drawing.decisions)

    def check(self, evaluator: Evaluator | None = None) -> list[LintFinding]:
        """Find the cells and expressions whose FEEL cannot be read."""
        from engine.expressions.evaluator import evaluator as shared

        judge = evaluator or shared()
        found = []
        for decision in self._drawing.decisions.values():
            for place, text, unary in _texts(decision):
                problem = judge.check(f"(1 in ({text}))" if unary and not _negated(text) else _plain(text))
                if problem:
                    message = f"{place}的表达式“{text[:80]}”有语法错误 / FEEL syntax error"
                    advice = "请在决策编辑器中修改这个单元格 / correct this cell in the decision editor"
                    finding = LintFinding("decision-syntax", "error", decision.id, decision.name, 0, message, advice)
                    found.append(finding)
        return found

    def decide(
        self, evaluator: Evaluator, decision_id: str, variables: Mapping[str, Any], *, at: datetime | None = None
    ) -> Decision:
        """Decide, the decisions that are required first, each once.

        Raises
        ------
        ExpressionError
            The decision is unknown, a cell fails, or a hit policy is broken; names the table, row and column.
        """
        if decision_id not in self._drawing.decisions:
            raise ExpressionError("expression-failed", f"没有名为“{decision_id}”的决策。", decision=decision_id)
        scope = dict(variables)
        answer = Decision(None, (), {})
        for identifier in self._orders[decision_id]:
            decision = self._drawing.decisions[identifier]
            if identifier in self._tables:
                answer = self._decide_table(evaluator, decision, scope, at)
            else:
                answer = self._decide_literal(evaluator, decision, scope, at)
            scope[decision.variable] = answer.outputs
            # Requirements refer to a decision by its variable; diagrams in the wild also use its id.
            scope.setdefault(decision.id, answer.outputs)
        return answer

    def _order(self, identifier: str) -> list[str]:
        order: list[str] = []
        open_ids: set[str] = set()

        def visit(current: str) -> None:
            if current in order:
                return
            decision = self._drawing.decisions.get(current)
            if decision is None:
                raise RefusedDecision(f"决策“{identifier}”依赖的决策“{current}”不在文件中。")
            if current in open_ids or len(open_ids) > 100:
                raise RefusedDecision(f"决策“{decision.name}”的依赖关系成环或过深。")
            open_ids.add(current)
            for required in decision.requires:
                visit(required)
            open_ids.discard(current)
            order.append(current)

        visit(identifier)
        return order

    def _with_knowledge(self, decision: DecisionDefinition, text: str) -> str:
        """Put the knowledge models a decision requires before its expression, as functions of a context."""
        wanted: list[str] = []

        def visit(identifier: str) -> None:
            model = self._drawing.knowledge.get(identifier)
            if model is None or identifier in wanted:
                return
            for required in model.requires:
                visit(required)
            if identifier not in wanted:
                wanted.append(identifier)

        for identifier in decision.knowledge:
            visit(identifier)
        if not wanted:
            return text
        models = [self._drawing.knowledge[identifier] for identifier in wanted]
        entries = ", ".join(f"{model.name}: {model.source}" for model in models)
        return f"{{{entries}, duban_answer: {text}}}.duban_answer"

    def _decide_literal(
        self, evaluator: Evaluator, decision: DecisionDefinition, scope: dict[str, Any], at: datetime | None
    ) -> Decision:
        text = self._with_knowledge(decision, str(decision.logic))
        try:
            return Decision(evaluator.evaluate(text, scope, at=at), (), {})
        except ExpressionError as error:
            raise ExpressionError(error.code, f"决策“{decision.name}”：{error}", decision=decision.id) from error

    def _decide_table(
        self, evaluator: Evaluator, decision: DecisionDefinition, scope: dict[str, Any], at: datetime | None
    ) -> Decision:
        table = self._tables[decision.id]
        if decision.knowledge:
            table = {
                **table,
                "inputs": [
                    {**column, "expression": self._with_knowledge(decision, column["expression"])}
                    for column in table["inputs"]
                ],
                "rules": [
                    {
                        **rule,
                        "results": [self._with_knowledge(decision, text) if text else text for text in rule["results"]],
                    }
                    for rule in table["rules"]
                ],
            }
        try:
            answer = evaluator.decide_table(table, scope, at=at)
        except ExpressionError as error:
            raise ExpressionError(error.code, f"决策表“{decision.name}”：{error}", decision=decision.id) from error
        if "error" in answer:
            raise _table_error(decision, answer)
        result = answer["values"]
        assert isinstance(decision.logic, Table)
        inputs = {column.label: value for column, value in zip(decision.logic.inputs, result["inputs"], strict=True)}
        return Decision(result["outputs"], tuple(result["rules"]), inputs)


def _table_error(decision: DecisionDefinition, answer: Mapping[str, Any]) -> ExpressionError:
    place = answer.get("place") or {}
    row, column = int(place.get("row") or 0), int(place.get("column") or 0)
    where = f"决策表“{decision.name}”"
    if row:
        where += f"第 {row} 行"
    if column:
        where += f"第 {column} 个{'输入' if place.get('part') == 'input' else '输出'}列"
    details = {"decision": decision.id, "row": row or None, "column": column or None}
    if reason := _BROKEN.get(str(answer.get("name"))):
        rules = place.get("rules") or []
        sentence = reason.format(rules="、".join(map(str, rules)))
        return ExpressionError("expression-failed", f"{where}：{sentence}。", rules=tuple(rules), **details)
    if answer.get("kind") == "syntax":
        return ExpressionError("expression-syntax", f"{where}的表达式有语法错误：{answer['error']}", **details)
    return ExpressionError("expression-failed", f"{where}计算失败：{answer['error']}", **details)


def _plain(text: str) -> str:
    return "null" if text in ("", "-") else text


def _negated(text: str) -> bool:
    return text in ("", "-") or text.startswith("not")


def _texts(decision: DecisionDefinition) -> list[tuple[str, str, bool]]:
    """Every FEEL text of a decision with its place; True marks unary tests."""
    if isinstance(decision.logic, str):
        return [(f"决策“{decision.name}”", decision.logic, False)]
    name = f"决策表“{decision.name}”"
    found = [(f"{name}第 {n} 个输入列", column.expression, False) for n, column in enumerate(decision.logic.inputs, 1)]
    for row, rule in enumerate(decision.logic.rules, 1):
        for n, text in enumerate(rule.tests, 1):
            found.append((f"{name}第 {row} 行第 {n} 个输入列", text, True))
        for n, text in enumerate(rule.results, 1):
            found.append((f"{name}第 {row} 行第 {n} 个输出列", text, False))
    return found
