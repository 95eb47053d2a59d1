"""What the standard allows and the interpreter does not execute: refused, so that nothing is silently left out."""

from typing import Any

from engine.definitions.lint.standard.reporter import Reporter

_COMPENSATION = frozenset({"##Compensate", "##compensate"})


def check_unexecuted(lint: Reporter) -> None:
    """Refuse quantities of tokens, the events of multi-instance behaviours, and methods of transactions."""
    for activity in lint.document.activities:
        for name in ("startQuantity", "completionQuantity"):
            if _exceeds_one(activity.get(name)):
                lint.report("unexecuted-quantity", activity, name=name, value=activity.get(name))
    for many in lint.document.of("multiInstanceLoopCharacteristics"):
        if many.get("behavior", "All") in ("None", "One", "Complex"):
            lint.report("unexecuted-behavior", many, behavior=many.get("behavior"))
    for transaction in lint.document.of("transaction"):
        if transaction.get("method", "##Compensate") not in _COMPENSATION:
            lint.report("unexecuted-method", transaction, method=transaction.get("method"))


def _exceeds_one(value: Any) -> bool:
    return value is not None and value.strip().lstrip("+0").isdecimal() and value.strip().lstrip("+0") != "1"
