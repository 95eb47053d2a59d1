"""Writes docs/lint.md, the table of all rules of the lint, from the code; ``--check`` only compares, exit status 1."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.definitions.lint.sources import SOURCES  # noqa: E402
from engine.definitions.lint.standard.rules import EVERYWHERE, FORMAL, PLAIN, STANDARD, Rule  # noqa: E402

PAGE = ROOT / "docs" / "lint.md"
DEFINITIONS = ROOT / "engine" / "definitions"
READ = (DEFINITIONS / "parse.py", *sorted((DEFINITIONS / "lint").glob("*.py")), DEFINITIONS / "publish.py")
WITHIN = {EVERYWHERE: "", PLAIN: "plain", FORMAL: "formal"}
TITLES = {
    "structure": "Structure and references",
    "texts": "Expressions, languages, times",
    "events": "Events",
    "gateways": "Gateways",
    "activities": "Activities",
    "data": "Data",
    "collaboration": "Collaboration",
    "unexecuted": "Allowed, but not executed",
}
TABLE = "| rule | severity | what | advice | source |\n|---|---|---|---|---|"
HEAD = """# What the lint says

`duban lint FILE…` and publishing hold diagrams against these rules. An **error** is refused: the standard forbids it,
or it would be executed otherwise than it is drawn. A **warning** is style, or changes nothing in what is executed.
Every finding names file, line, element, reason and advice, in Chinese and English.

```
duban lint bpmn/s2-03-checking-rules          # a package
duban lint bpmn                               # every package below a folder
duban lint drawn.bpmn points.dmn              # single files, among those that lie beside them
duban lint --json drawn.bpmn
```

Exit status: 0 nothing stands against publishing, 1 something does, 2 something could not be read.

Processes that are not executable are documentation: what the standard says against them is a warning.

Some of the standard's rules are left open by nearly every tool, and what is meant is plain all the same: a condition
without `xsi:type`, a message event without an operation. They hold where a document follows the standard to the letter:

- *plain*: the document declares no namespace of an engine's extensions (Camunda, Operaton, Flowable, Activiti, Zeebe,
  jBPM, SpiffWorkflow, ours). In a dialect the engine's way is executed instead.
- *formal*: plain, and the document names its `expressionLanguage`, declares `xsi` and has no `${…}`.

Elsewhere such a rule says nothing, or warns (*else warning*).

This page is written by `scripts/lint_rules.py` from the code; a test compares them. Sections are those of BPMN 2.0.2;
*house* is what it takes to be executed here. … and what stands in braces is filled in from the diagram.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One place in the code that says something: code, severity, sentence and advice as they are written there."""

    code: str
    severity: str
    message: str
    advice: str


def page() -> str:
    """Return the page as it should be."""
    parts = [HEAD]
    for concept, rules in STANDARD.items():
        parts.append(f"\n## {TITLES[concept]}\n\n{TABLE}")
        parts += [_standard_row(rule) for rule in rules]
    parts.append(f"\n## What the interpreter needs\n\n{TABLE}")
    parts += _execution_rows()
    return "\n".join(parts) + "\n"


def _standard_row(rule: Rule) -> str:
    within = WITHIN[rule.within]
    severity = ", ".join(part for part in (rule.severity, within, rule.beyond and f"else {rule.beyond}") if part)
    return _row(rule.code, severity, rule.message, rule.advice, rule.source)


def _execution_rows() -> list[str]:
    by_code: dict[str, list[Said]] = {}
    for path in READ:
        for said in _said_in(path):
            by_code.setdefault(said.code, []).append(said)
    unknown = SOURCES.keys() - by_code.keys()
    if unknown:
        raise SystemExit(f"engine/definitions/lint/sources.py names rules that nothing says: {sorted(unknown)}")
    return [
        _row(
            code,
            " or ".join(sorted({said.severity for said in cases})),
            "<br>".join(dict.fromkeys(said.message for said in cases)),
            "<br>".join(dict.fromkeys(said.advice for said in cases if said.advice)),
            SOURCES.get(code, "house"),
        )
        for code, cases in sorted(by_code.items())
    ]


def _row(*cells: str) -> str:
    return "| `" + "` | ".join((cells[0], cells[1])) + " | " + " | ".join(_escaped(cell) for cell in cells[2:]) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _said_in(path: Path) -> Iterator[Said]:
    """Find every call that reports a finding, whatever its sentence is built from."""
    for function in (one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.FunctionDef)):
        words = _assigned(function)
        for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
            yield from _said_by(call, words)


def _assigned(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return what the function's variables are set to."""
    assignments = [one for one in ast.walk(function) if isinstance(one, ast.Assign)]
    return {target.id: one.value for one in assignments for target in one.targets if isinstance(target, ast.Name)}


def _said_by(call: ast.Call, words: dict[str, ast.expr]) -> Iterator[Said]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    texts = [_text(value, words) for value in values]
    if name in ("refuse", "warn") and len(values) >= 4:
        yield from _said(values[0], "warning" if name == "warn" else "error", texts[2], texts[3])
    elif name == "check_known":
        sentence = f"没有{texts[5]}“…” / … is unknown"
        yield from _said(values[4], "error", sentence, "更正名称，或把它加进来 / Correct it or add it")
    elif name == "LintFinding" and len(values) >= 7:
        yield from _said(values[0], "error", texts[5], texts[6])
    elif name in ("_unreadable", "_plain") and len(values) >= 3:
        yield from _said(values[0], "error", texts[2], "")


def _said(code: ast.expr, severity: str, message: str, advice: str) -> Iterator[Said]:
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield Said(code.value, severity, message, advice)


def _text(expression: ast.expr, words: dict[str, ast.expr]) -> str:
    """Return a sentence of the code with … where it fills in a word."""
    if isinstance(expression, ast.Name) and isinstance(words.get(expression.id), ast.Constant | ast.JoinedStr):
        expression = words[expression.id]
    if isinstance(expression, ast.Call) and getattr(expression.func, "id", "") == "say":
        return re.sub(r"\{\w+\}", "…", _text(expression.args[0], words))
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    if isinstance(expression, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in expression.values)
    return "…"


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        if PAGE.read_text("utf-8") == wanted:
            return 0
        print("docs/lint.md is not what the code says: run scripts/lint_rules.py")
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
