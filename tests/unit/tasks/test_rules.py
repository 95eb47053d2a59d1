"""Every numbered rule of the approvals' specification is carried by a test that has its number in its name."""

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPECIFICATION = ROOT.parent / "shared/design/approvals.md"
_RULE = re.compile(r"^- ([A-Z]\d+)\b", re.MULTILINE)
_CARRIED = re.compile(r"_([A-Z]\d+)(?=_|$)")


def rules() -> list[str]:
    """Return the numbers of all rules, in the order of the specification."""
    return _RULE.findall(SPECIFICATION.read_text(encoding="utf-8"))


@lru_cache
def carried() -> set[str]:
    """Return the numbers in the names of all tests."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.update(_CARRIED.findall(node.name))
    return found


def test_the_specification_has_its_rules() -> None:
    assert {"I1", "P4", "O7", "R10", "T3", "D5"} <= set(rules())


@pytest.mark.parametrize("rule", rules())
def test_a_test_carries_the_rule(rule: str) -> None:
    assert rule in carried()
