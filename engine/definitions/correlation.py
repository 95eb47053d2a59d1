"""Reads by which values messages are correlated, as designers write it."""

from typing import Any

from engine.definitions.vocabulary import PREFIXES


def correlation_key(element: Any) -> str | None:
    """Return the FEEL that an element, or a message, is correlated by; None where it names nothing.

    It stands in ``duban:correlationKey``, or in Zeebe's subscription, whose text without ``=`` means itself.
    """
    for key, value in element.attrib.items():
        namespace, _, name = key.rpartition("}")
        if name == "correlationKey" and PREFIXES.get(namespace[1:]) == "duban" and value.strip():
            return str(value)
    for child in element.iterfind("{*}extensionElements/{*}subscription"):
        namespace = str(child.tag).rpartition("}")[0][1:]
        text = (child.get("correlationKey") or "").strip()
        if PREFIXES.get(namespace) == "zeebe" and text:
            return str(text) if text.startswith("=") else _literal(text)
    return None


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'="{escaped}"'
