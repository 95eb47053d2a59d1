"""Says why something failed, in words that are the same for all that fail alike."""

import re
from typing import Any

from engine.testing import Incident, RefusedDiagram

_OWN = re.compile(r"[“\"'‘][^”\"'’]*[”\"'’]|\b\w*\d\w*\b")


def english(message: str) -> str:
    """Return the English half of a message."""
    return message.rpartition(" / ")[2]


def refusal(error: RefusedDiagram) -> dict[str, Any]:
    """Return reason and detail of a refused deployment."""
    errors = [finding for finding in error.findings if finding.severity == "error"]
    if not errors:
        return {"reason": f"refused: {english(str(error))}"}
    first = errors[0]
    words = english(first.message).replace(first.element_id or "\0", "…")
    detail = "; ".join(f"{one.rule} at {one.element_id} (line {one.line}): {one.message}" for one in errors[:3])
    return {"reason": f"refused: {first.rule}: {_OWN.sub('…', words)}", "detail": detail}


def incident(found: Incident) -> dict[str, Any]:
    """Return reason and detail of an incident."""
    words = _OWN.sub("…", english(found.message))[:110]
    return {"reason": f"incident: {found.code}: {words}", "detail": f"at {found.element_id}: {found.message}"}
