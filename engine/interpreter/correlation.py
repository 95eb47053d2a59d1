"""By which values a message finds its instance (BPMN 2.0.2, 8.4.2, "Correlation").

A catching event or receive task asks for values, a throwing one sends them along: in the simple form those of one FEEL
expression (``correlationKey`` of the message or the element). An expression that gives a context asks for several.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter.errors import ElementFailed
from engine.interpreter.subscriptions import definition
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import EventDefinition
    from engine.interpreter.tokens import Token

_PATH = re.compile(r"=?\s*(?:[^\W\d]\w*\s*\.\s*)*(?P<last>[^\W\d]\w*)\s*")
"""A name, or a path such as ``order.id``: its last part is what the value is called."""


def asked(token: "Token") -> dict[str, Any] | None:
    """Return the values that a message for a waiting token must carry, None when any will do."""
    event = definition(token)
    return _named(token, event.details["correlationKey"], {}) if event and "correlationKey" in event.details else None


def carried(token: "Token", event: "EventDefinition", payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a message carries."""
    expression = event.details.get("correlationKey")
    return {} if expression is None else _named(token, expression, payload)


def _named(token: "Token", expression: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    value = plain(token.run_.evaluate(token, expression, payload))
    match = _PATH.fullmatch(expression)
    values = value if isinstance(value, Mapping) else {match["last"] if match else "": value}
    for part in values.values():
        if not isinstance(part, str | int | float) or part == "":
            raise ElementFailed(
                "correlation-key",
                f"消息的关联值“{expression}”是空的，或不是文字、数字 / The correlation key {expression} gave {part!r}: "
                "it has to be a text or a number",
            )
    return dict(values)
