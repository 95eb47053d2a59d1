"""Expressions, decisions and forms tried out with sample values, by the evaluator that will run them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import isodate

from engine.calendars import resolve_due
from engine.definitions.forms import Form
from engine.errors import DubanError, InvalidInput
from engine.expressions import Evaluator, evaluator
from engine.expressions.boxed import Input, Output, Rule, Table
from engine.expressions.decisions import DecisionModel
from engine.expressions.dmn import DecisionDefinition, Drawing, read_dmn
from engine.interpreter.contract import Decision
from workflows.organisation.tree import LOCAL

if TYPE_CHECKING:
    from engine.runtime import Engine

KINDS = ("expression", "unary", "date", "duration", "cycle")
LONGEST = 10_000
_CELL, _GIVEN = "cell", "given_value"


def try_expression(
    engine: "Engine", text: str, *, kind: str, variables: Mapping[str, Any] | None, given: Any = None
) -> dict[str, Any]:
    """Parse an expression, and evaluate it where variables are given.

    ``kind`` is ``expression``, ``unary`` (a test of a decision table's cell, on ``given``), or what a timer holds:
    ``date``, ``duration``, ``cycle``, where plain texts such as ``2 working days`` count too.
    """
    if kind not in KINDS:
        raise InvalidInput(f"kind 须为 {'、'.join(KINDS)} 之一 / Unknown kind", {"kind": "不认识 / unknown"})
    text = text.strip()
    if not text or len(text) > LONGEST:
        return {"ok": False, "stage": "syntax", "column": 1, "message": "表达式是空的，或太长 / Empty, or too long"}
    if kind in ("date", "duration", "cycle") and not text.startswith("=") and (due := _plain_due(engine, kind, text)):
        return {"ok": True, "value": due, "type": kind}
    if kind == "unary":
        return _unary(engine, text, given, variables)
    feel = evaluator()
    problem = _syntax(feel, text)
    if problem is not None or variables is None:
        return problem or {"ok": True, "value": None, "type": "unknown"}
    try:
        value = feel.evaluate(text, variables, at=engine.clock.now())
    except DubanError as error:
        return {"ok": False, "stage": "value", "message": str(error)}
    return {"ok": True, "value": plain_value(value), "type": type_of(value)}


def try_decision(
    engine: "Engine", content: bytes, *, decision: str | None, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Decide with sample values; without a decision, say which there are and what they ask for."""
    try:
        drawing = read_dmn(content)
        model = DecisionModel(drawing)
        if not decision:
            return {"decisions": [describe(drawing, one) for one in model.ids]}
        made = model.decide(evaluator(), decision, variables, at=engine.clock.now())
    except DubanError as error:
        return {
            "ok": False,
            "message": str(error),
            "row": error.details.get("row"),
            "column": error.details.get("column"),
        }
    return {"ok": True, **_decision(made)}


def try_form(
    engine: "Engine",
    content: bytes,
    *,
    data: Mapping[str, Any] | None,
    rights: Mapping[str, str],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    """Judge a form, and a submission of it where data is given, as the server will."""
    try:
        form = Form.parse(content)
        if data is None:
            return {"ok": True, "fields": [field_json(field) for field in form.fields]}
        taken = form.check(
            data, rights=rights, stored=stored, evaluator=evaluator(), at=engine.clock.now(), strict=False
        )
    except InvalidInput as error:
        return {"ok": False, "message": str(error), "fields": error.fields}
    return {"ok": True, "data": plain_value(taken)}


def describe(drawing: Any, decision: str) -> dict[str, Any]:
    """Return a decision's name, the names that its texts ask for, and its outputs."""
    one = drawing.decisions.get(decision) or drawing.services[decision]
    logic = getattr(one, "logic", None)
    columns = [column.name for column in getattr(logic, "outputs", ())]
    inputs = [column.expression for column in getattr(logic, "inputs", ())]
    inputs = inputs or [drawing.inputs[given].name for given in getattr(one, "inputs", ()) if given in drawing.inputs]
    return {"id": decision, "name": one.name, "inputs": inputs, "outputs": [name for name in columns if name]}


def field_json(field: Any) -> dict[str, Any]:
    """Return a field of a form as pickers show it."""
    return {"key": field.key, "label": field.label, "label_en": field.label_en, "type": field.type}


def plain_value(value: Any) -> Any:
    """Return a value as JSON has it: dates and durations as FEEL writes them."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | isodate.Duration):
        return isodate.duration_isoformat(value)
    return value


def type_of(value: Any) -> str:
    """Return FEEL's name for the type of a value."""
    named: tuple[tuple[Any, str], ...] = (
        (bool, "boolean"),
        (int | float, "number"),
        (str, "string"),
        (datetime, "date and time"),
        (date, "date"),
        (time, "time"),
        (timedelta | isodate.Duration, "duration"),
        (Mapping, "context"),
        (list | tuple, "list"),
    )
    return next((name for kind, name in named if isinstance(value, kind)), "null" if value is None else "unknown")


def _decision(made: Decision) -> dict[str, Any]:
    return {
        "outputs": plain_value(made.outputs),
        "rules": list(made.rules),
        "inputs": plain_value(made.inputs),
        "steps": [plain_value(asdict(step)) for step in made.steps],
    }


def _syntax(feel: Evaluator, expression: str) -> dict[str, Any] | None:
    try:
        feel.evaluate(expression, {})
    except DubanError as error:
        if error.code != "expression-syntax":
            return None
        return {"ok": False, "stage": "syntax", "column": error.details.get("column"), "message": str(error)}
    return None


def _unary(engine: "Engine", text: str, given: Any, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """Try a cell in a decision table with nothing else in it: the table's own code says whether it holds."""
    table = Table(
        policy="UNIQUE",
        aggregation="",
        inputs=(Input(label="", expression=_GIVEN),),
        outputs=(Output(name="holds", label=""),),
        rules=(Rule(id="rule", tests=(text,), results=("true",)),),
    )
    model = DecisionModel(Drawing({_CELL: DecisionDefinition(_CELL, _CELL, _CELL, table)}))
    feel = evaluator()
    try:
        problems = model.check(feel)
        if problems:
            return {"ok": False, "stage": "syntax", "column": None, "message": problems[0].message}
        if variables is None:
            return {"ok": True, "value": None, "type": "boolean"}
        made = model.decide(feel, _CELL, {**variables, _GIVEN: given}, at=engine.clock.now())
    except DubanError as error:
        return {"ok": False, "stage": "value", "message": str(error)}
    return {"ok": True, "value": bool(made.rules), "type": "boolean"}


def _plain_due(engine: "Engine", kind: str, text: str) -> str | None:
    """Return when a timer with a plain text would be due from now, None for what is no such text."""
    if kind == "date":
        try:
            day = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (day if day.tzinfo else day.replace(tzinfo=LOCAL)).isoformat()
    text = text.rpartition("/")[2] if kind == "cycle" and text.startswith("R") else text
    with engine.db.read() as session:
        calendar = engine.calendars.of_unit(session, None)
    try:
        return resolve_due(text, engine.clock.now(), calendar).isoformat()
    except InvalidInput:
        return None
