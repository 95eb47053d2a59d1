"""Reads boxed expressions from the XML of a DMN file."""

from collections.abc import Callable
from typing import Any

from engine.expressions.boxed import (
    Conditional,
    Context,
    Entry,
    Filter,
    Function,
    Input,
    Invocation,
    Iteration,
    ListOf,
    Literal,
    Logic,
    Output,
    Parameter,
    Rule,
    Table,
)
from engine.expressions.dmn_xml import RefusedDecision, child, children, feel_only, local_name, text_of, type_of
from engine.wording import say

MOST_RULES = 5_000
POLICIES = {"UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"}
AGGREGATIONS = {"SUM", "MIN", "MAX", "COUNT"}
_INPUT_VARIABLE = "{http://camunda.org/schema/1.0/dmn}inputVariable"


def logic_in(node: Any, place: str) -> Logic | None:
    """Return the boxed expression that is a child of a node, or None; refuses a second one."""
    found = [one for one in node if local_name(one) in _READERS] if node is not None else []
    if len(found) > 1:
        raise RefusedDecision(say("{place}有两个表达式，第 {line} 行。", place=place, line=node.sourceline))
    return read_logic(found[0], place) if found else None


def needed_logic_in(node: Any, place: str, line: int) -> Logic:
    """Return the boxed expression that is a child of a node. Raises RefusedDecision where there is none."""
    found = logic_in(node, place)
    if found is None:
        raise RefusedDecision(say("{place}没有可以执行的表达式，第 {line} 行。", place=place, line=line))
    return found


def read_logic(node: Any, place: str) -> Logic:
    """Read a boxed expression. Raises RefusedDecision with the place of what cannot be executed."""
    return _READERS[local_name(node)](node, place)


def _literal(node: Any, place: str) -> Literal:
    feel_only(node, place)
    if child(node, "importedValues") is not None:
        raise RefusedDecision(say("{place}引用了别处的值，不能执行，第 {line} 行。", place=place, line=node.sourceline))
    text = text_of(node)
    if not text:
        raise RefusedDecision(say("{place}的表达式是空的，第 {line} 行。", place=place, line=node.sourceline))
    return Literal(text, type_of(node), node.sourceline)


def _context(node: Any, place: str) -> Context:
    entries = []
    for number, entry in enumerate(children(node, "contextEntry"), 1):
        variable = child(entry, "variable")
        name = "" if variable is None else variable.get("name") or ""
        if not name and number < len(children(node, "contextEntry")):
            raise RefusedDecision(
                say(
                    "{place}的第 {number} 个条目没有名称，第 {line} 行。",
                    place=place,
                    number=number,
                    line=entry.sourceline,
                )
            )
        label = say("{place}的条目“{name}”", place=place, name=name) if name else say("{place}的结果条目", place=place)
        entries.append(Entry(name, needed_logic_in(entry, label, entry.sourceline), type_of(variable)))
    return Context(tuple(entries))


def _list(node: Any, place: str) -> ListOf:
    items = [one for one in node if local_name(one) in _READERS]
    return ListOf(
        tuple(
            read_logic(one, say("{place}的第 {number} 项", place=place, number=number))
            for number, one in enumerate(items, 1)
        )
    )


def _relation(node: Any, place: str) -> ListOf:
    columns = [(column.get("name") or "", type_of(column)) for column in children(node, "column")]
    if not all(name for name, _ in columns):
        raise RefusedDecision(say("{place}有一列没有名称，第 {line} 行。", place=place, line=node.sourceline))
    rows = []
    for number, row in enumerate(children(node, "row"), 1):
        cells = [one for one in row if local_name(one) in _READERS]
        if len(cells) != len(columns):
            raise RefusedDecision(
                say(
                    "{place}的第 {number} 行的单元格数与列数不符，第 {line} 行。",
                    place=place,
                    number=number,
                    line=row.sourceline,
                )
            )
        named = zip(columns, cells, strict=True)
        label = say("{place}的第 {number} 行", place=place, number=number)
        rows.append(Context(tuple(Entry(name, read_logic(cell, label), kind) for (name, kind), cell in named)))
    return ListOf(tuple(rows))


def read_function(node: Any, place: str) -> Function:
    """Read a function definition, or the logic of a business knowledge model. Only FEEL is executed."""
    kind = (node.get("kind") or "FEEL").upper()
    if kind not in ("FEEL", "F"):
        raise RefusedDecision(
            say(
                "{place}是 {kind} 函数：只支持 FEEL 函数，第 {line} 行。",
                place=place,
                kind=kind,
                line=node.sourceline,
            )
        )
    parameters = tuple(Parameter(one.get("name") or "", type_of(one)) for one in children(node, "formalParameter"))
    names = [parameter.name for parameter in parameters]
    if not all(names) or len(set(names)) < len(names):
        raise RefusedDecision(say("{place}的参数没有名称或重名，第 {line} 行。", place=place, line=node.sourceline))
    return Function(parameters, needed_logic_in(node, place, node.sourceline))


def _invocation(node: Any, place: str) -> Invocation:
    bindings = []
    for binding in children(node, "binding"):
        parameter = child(binding, "parameter")
        name = "" if parameter is None else parameter.get("name") or ""
        value = needed_logic_in(binding, say("{place}的参数“{name}”", place=place, name=name), binding.sourceline)
        bindings.append(Entry(name, value, type_of(parameter)))
    return Invocation(needed_logic_in(node, place, node.sourceline), tuple(bindings))


def _conditional(node: Any, place: str) -> Conditional:
    condition, then, otherwise = (_part(node, name, place) for name in ("if", "then", "else"))
    return Conditional(condition, then, otherwise)


def _filter(node: Any, place: str) -> Filter:
    return Filter(_part(node, "in", place), _part(node, "match", place))


def _iteration(node: Any, place: str) -> Iteration:
    manner = local_name(node)
    result = _part(node, "return" if manner == "for" else "satisfies", place)
    return Iteration(manner, node.get("iteratorVariable") or "item", _part(node, "in", place), result)


def _part(node: Any, name: str, place: str) -> Logic:
    return needed_logic_in(child(node, name), say("{place}的 {name} 部分", place=place, name=name), node.sourceline)


def read_table(node: Any, place: str) -> Table:
    """Read a decision table, whatever its orientation: in the file rules are always rules."""
    where = say("{place}的决策表", place=place)
    policy = (node.get("hitPolicy") or "UNIQUE").upper()
    aggregation = (node.get("aggregation") or "").upper()
    if policy not in POLICIES or aggregation not in AGGREGATIONS | {""}:
        raise RefusedDecision(
            say(
                "{where}的命中策略“{policy} {aggregation}”无法识别，第 {line} 行。",
                where=where,
                policy=policy,
                aggregation=aggregation,
                line=node.sourceline,
            )
        )
    table = Table(
        policy,
        aggregation if policy == "COLLECT" else "",
        tuple(
            _input(column, say("{where}第 {n} 个输入列", where=where, n=n))
            for n, column in enumerate(children(node, "input"), 1)
        ),
        tuple(
            _output(column, say("{where}第 {n} 个输出列", where=where, n=n))
            for n, column in enumerate(children(node, "output"), 1)
        ),
        tuple(_rule(row, say("{where}第 {n} 行", where=where, n=n)) for n, row in enumerate(children(node, "rule"), 1)),
    )
    _check_columns(table, where, node.sourceline)
    for number, rule in enumerate(table.rules, 1):
        if len(rule.tests) != len(table.inputs) or len(rule.results) != len(table.outputs):
            raise RefusedDecision(
                say(
                    "{where}第 {number} 行的单元格数与列数不符，第 {line} 行。",
                    where=where,
                    number=number,
                    line=rule.line,
                )
            )
    return table


def _check_columns(table: Table, where: str, line: int) -> None:
    names = [output.name for output in table.outputs]
    if not names:
        raise RefusedDecision(say("{where}没有输出列，第 {line} 行。", where=where, line=line))
    if len(names) > 1 and len(set(names) - {""}) < len(names):
        raise RefusedDecision(say("{where}的各输出列必须有互不相同的名称，第 {line} 行。", where=where, line=line))
    if len(names) > 1 and table.aggregation:
        raise RefusedDecision(
            say(
                "{where}有多个输出列，不能再汇总（{aggregation}），第 {line} 行。",
                where=where,
                aggregation=table.aggregation,
                line=line,
            )
        )
    if len(table.rules) > MOST_RULES:
        raise RefusedDecision(
            say("{where}的规则过多：最多 {most} 条，第 {line} 行。", where=where, most=MOST_RULES, line=line)
        )


def _input(node: Any, place: str) -> Input:
    expression, values = child(node, "inputExpression"), child(node, "inputValues")
    feel_only(expression, place)
    feel_only(values, place)
    text = text_of(expression)
    if not text:
        raise RefusedDecision(say("{place}没有表达式，第 {line} 行。", place=place, line=node.sourceline))
    label = node.get("label") or text
    return Input(label, text, type_of(expression), text_of(values), node.get(_INPUT_VARIABLE) or "")


def _output(node: Any, place: str) -> Output:
    values, fallback = child(node, "outputValues"), child(node, "defaultOutputEntry")
    feel_only(values, place)
    feel_only(fallback, place)
    name = node.get("name") or ""
    return Output(name, node.get("label") or name, type_of(node), text_of(values), text_of(fallback))


def _rule(node: Any, place: str) -> Rule:
    for cell in (*children(node, "inputEntry"), *children(node, "outputEntry")):
        feel_only(cell, place)
    tests = tuple(text_of(cell) for cell in children(node, "inputEntry"))
    results = tuple(text_of(cell) for cell in children(node, "outputEntry"))
    return Rule(node.get("id") or "", tests, results, node.sourceline)


_READERS: dict[str, Callable[[Any, str], Logic]] = {
    "literalExpression": _literal,
    "decisionTable": read_table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": read_function,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "every": _iteration,
    "some": _iteration,
}
