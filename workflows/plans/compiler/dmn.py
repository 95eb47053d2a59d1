"""Writes a plan's decision tables as DMN."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
    xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
    id="{code}_model" name={name} namespace="https://duban.dev/library/{space}">"""


def dmn(decision: Mapping[str, Any], *, space: str) -> bytes:
    """Return the file of a decision table."""
    head = _HEAD.format(code=decision["code"], name=quoteattr(decision["name"]), space=escape(space))
    return ("\n".join([head, *_decision(decision), *_drawing(decision), "</definitions>"]) + "\n").encode()


def _decision(decision: Mapping[str, Any]) -> Iterator[str]:
    code = decision["code"]
    yield f'  <decision id="{code}" name={quoteattr(decision["name"])}>'
    yield f'    <decisionTable id="{code}_table" hitPolicy="{decision["hit"]}">'
    for number, one in enumerate(decision["inputs"], start=1):
        yield f'      <input id="{code}_input_{number}" label={quoteattr(one["name"])}>'
        yield f'        <inputExpression id="{code}_asked_{number}"><text>{escape(one["of"])}</text></inputExpression>'
        yield "      </input>"
    for number, one in enumerate(decision["outputs"], start=1):
        label, name = quoteattr(one["name"]), quoteattr(one["key"])
        yield f'      <output id="{code}_output_{number}" label={label} name={name} />'
    for number, rule in enumerate(decision["rules"], start=1):
        yield f'      <rule id="{code}_rule_{number}">'
        if rule["note"]:
            yield f"        <description>{escape(rule['note'])}</description>"
        for column, cell in enumerate(rule["when"], start=1):
            place = f"{code}_when_{number}_{column}"
            yield f'        <inputEntry id="{place}"><text>{escape(cell_text(cell))}</text></inputEntry>'
        for column, cell in enumerate(rule["then"], start=1):
            place = f"{code}_then_{number}_{column}"
            yield f'        <outputEntry id="{place}"><text>{escape(cell_text(cell))}</text></outputEntry>'
        yield "      </rule>"
    yield "    </decisionTable>"
    yield "  </decision>"


def table_texts(decision: Mapping[str, Any]) -> Iterator[str]:
    """Yield every FEEL text of a decision table: what it asks, and its cells."""
    yield from (one["of"] for one in decision["inputs"])
    yield from (cell_text(cell) for rule in decision["rules"] for cell in (*rule["when"], *rule["then"]))


def cell_text(cell: Any) -> str:
    """Return a cell as FEEL; YAML's numbers, truth values and lists are written as FEEL has them."""
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list):
        return ", ".join(cell_text(one) for one in cell)
    return str(cell)


def _drawing(decision: Mapping[str, Any]) -> Iterator[str]:
    code = decision["code"]
    yield "  <dmndi:DMNDI>"
    yield f'    <dmndi:DMNDiagram id="{code}_diagram">'
    yield f'      <dmndi:DMNShape id="{code}_di" dmnElementRef="{code}">'
    yield '        <dc:Bounds height="80" width="180" x="160" y="100" />'
    yield "      </dmndi:DMNShape>"
    yield "    </dmndi:DMNDiagram>"
    yield "  </dmndi:DMNDI>"
