"""The suite with expected logs: script tasks carry neutral words, conditions are neutral texts rewritten to FEEL."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from engine.testing import Playground, RefusedDiagram
from tests.conformance.outcome import Case, Outcome
from tests.conformance.reasons import refusal

CONTAINS = re.compile(r"""(\w+)\.contains\((["'][^"']*["'])\)""")
EXPRESSIONS = ("conditionExpression", "activationCondition", "completionCondition", "loopCondition")
SILENT = frozenset({"CREATE_LOG_FILE"})
INCREMENT = "INCREMENT_INTEGER_VARIABLE"
TIMESTAMP = "CREATE_TIMESTAMP_LOG"
TEXT = "String"


def try_case(path: Path, case: Case) -> Outcome:
    """Start with the case's variables, let everything run and compare the log."""
    wanted = _wanted(path, case)
    bench = _Bench()
    try:
        bench.playground.deploy(in_feel(path.read_bytes()))
    except RefusedDiagram as error:
        return Outcome(case, passed=False, taken=False, **refusal(error))
    bench.run(wanted["process_id"], wanted["variables"], timedelta(milliseconds=wanted["delay_ms"]))
    log, expected = sorted(bench.log), sorted(wanted["expected"])
    bench.playground.close()
    if log == expected:
        return Outcome(case, passed=True)
    return Outcome(case, passed=False, reason="another log", detail=f"{log} instead of {expected}")


def _wanted(path: Path, case: Case) -> dict[str, Any]:
    tests = json.loads((path.parents[1] / "betsy.json").read_text("utf-8"))["tests"]
    test = next(test for test in tests if test["file"] == case.file)
    found = next(one for one in test["cases"] if one["number"] == case.number)
    return {**found, "process_id": test["process_id"]}


def in_feel(content: bytes) -> bytes:
    """Rewrite the suite's neutral expressions to FEEL, as the suite itself does for each engine that it tests."""
    root = etree.fromstring(content)
    for element in root.iter(*(f"{{*}}{tag}" for tag in EXPRESSIONS)):
        element.text = CONTAINS.sub(r"contains(\1, \2)", element.text or "").replace("==", "=")
    return bytes(etree.tostring(root))


class _Bench:
    """A playground whose scripts write a log."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.stamps: list[Any] = []
        self.playground = Playground(on_script=self._script)

    def run(self, process_id: str, variables: Mapping[str, Any], delay: timedelta) -> None:
        instance = self.playground.start(process_id, variables)
        self.playground.advance(delay)
        if instance.incidents or instance.uncaught:
            self.log.append("ERROR_runtime")
        if len(self.stamps) > 1:
            self.log.append("EXECUTION_parallel" if len(set(self.stamps)) == 1 else "EXECUTION_sequential")

    def _script(self, element_id: str, language: str, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        words = text.strip()
        if words in SILENT:
            return {}
        if words.startswith(TIMESTAMP):
            self.stamps.append(self.playground.now)
        elif words == "SET_STRING_DATA":
            return {"data": TEXT}
        elif words == "LOG_DATA":
            self.log.append("DATA_correct" if variables.get("data") == TEXT else "DATA_incorrect")
        elif words.startswith(INCREMENT):
            self.log.append(INCREMENT)
            return {"integerVariable": variables.get("integerVariable", 0) + 1}
        else:
            self.log.append(words)
        return {}
