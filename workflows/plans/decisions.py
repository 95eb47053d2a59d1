"""Decision tables as plans write them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from workflows.plans.shapes import Code, Strict, Text, many, one_of

HIT_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER")


class InputSchema(Strict):
    """A column that is asked."""

    of = Text(required=True, data_key="expression")
    name = Text(required=True)


class OutputSchema(Strict):
    """A column that is answered; it becomes a variable of this name."""

    key = Code(required=True)
    name = Text(required=True)


class RuleSchema(Strict):
    """A row: cells of the inputs (``-`` is anything) and values of the outputs, as FEEL."""

    when = fields.List(fields.Raw(allow_none=True), required=True)
    then = fields.List(fields.Raw(allow_none=True), required=True)
    note = Text(load_default="")


class DecisionSchema(Strict):
    """One entry of ``decisions``."""

    code = Code(required=True)
    name = Text(required=True)
    hit = one_of(*HIT_POLICIES, load_default="FIRST")
    inputs = many(InputSchema, required=True)
    outputs = many(OutputSchema, required=True)
    rules = many(RuleSchema, required=True)

    @validates_schema
    def _rows_fit(self, data: Mapping[str, Any], **_: Any) -> None:
        wrong: dict[int, Any] = {}
        for number, rule in enumerate(data["rules"]):
            for key, columns in (("when", data["inputs"]), ("then", data["outputs"])):
                if len(rule[key]) != len(columns):
                    sentence = f"应有 {len(columns)} 格，写了 {len(rule[key])} 格 / expected {len(columns)} cells"
                    wrong.setdefault(number, {})[key] = [sentence]
        if wrong:
            raise ValidationError({"rules": wrong})
