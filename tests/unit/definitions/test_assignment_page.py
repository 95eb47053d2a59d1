"""docs/approvals.md explains every word of the assignment rules, and its examples are of the grammar."""

import re
from pathlib import Path

from engine.definitions.assignment import FUNCTIONS, parse_rule

PAGE = Path(__file__).resolve().parents[3] / "docs/approvals.md"


def test_the_page_explains_every_word_and_no_other() -> None:
    text = PAGE.read_text("utf-8")
    table = text[text.index("## Assignment rules") : text.index("## Operations")]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    examples = [one for cell in first for one in re.findall(r"`([^`]+)`", cell)]
    shown = [parse_rule(one.replace("(n)", "(1)").replace("variable, rule", "variable, leader()")) for one in examples]
    assert {term.function for rule in shown for term in rule} == set(FUNCTIONS)
