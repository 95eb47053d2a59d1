"""Writes docs/conformance.md: the rates beside stock SpiffWorkflow's, and every reason why something does not run."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.conformance.corpora import CORPORA, Corpus
from tests.conformance.outcome import Outcome
from tests.conformance.report import Rate, rate

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "conformance.md"
RULES = ROOT / "docs" / "lint.md"
_RULE = re.compile(r"^\| `([\w-]+)` \| \w+[^|]*\| (.*?) / (.*?) \| .*? \| ([^|]*?) *\|$", re.MULTILINE)

HEAD = """# Other people's diagrams

What becomes of diagrams that others drew, on the engine as it stands; written by `python -m tests.conformance --write`,
which drives each corpus through the [playground](playground.md). The corpora are third parties' and lie beside the
project; their README says where each comes from and how stock SpiffWorkflow 3.2.0 fares on the same files.

"""

SUITES = """## With an expected outcome

| suite | cases | Duban | stock SpiffWorkflow |
|---|--:|--:|--:|
{rows}

- **betsy**: script tasks carry neutral words, and a run must log the expected ones. The runner rewrites the suite's
  neutral conditions (`test.contains("a")`) to FEEL, as the suite itself does for every engine that it tests.
- **must-refuse**: each model breaks one rule of BPMN 2.0.2; only a refusal at deployment is right.
- **driven-paths**: the wanted paths stand inside the models, node by node; the nodes must be entered in that order.
  Broken paths (nodes that are not drawn) do not count.

"""

NEUTRAL = """## Without

A file *runs* when each of its executable processes reaches an end event (or, where it has none, the end of a path)
under a neutral driver: tasks are completed with plausible data derived from the diagram's own conditions, services do
nothing, timers are waited for, messages and signals delivered. Up to five choices of data are tried for a process; in
the last two of them scripts are replaced by plausible data, because some need what only the tool has that they were
written for. Files without an executable process do not count.

| corpus | executable | accepted | runs | stock parses | stock runs |
|---|--:|--:|--:|--:|--:|
{rows}

"""

REFUSED = """## What is refused

Counted by the first finding of each file, over all corpora of the second table. Most of these files were drawn to test
that an engine refuses them, are sketches, or lean on something that stands outside of the diagram: methods of Java
beans in a condition, rule files, other languages that nothing here executes. [lint.md](lint.md) has the advice.

| rule | files | what is wrong | BPMN 2.0.2 |
|---|--:|---|---|
{rows}

"""

STOPPED = """## What is accepted and does not reach an end

| why | files | for example |
|---|--:|---|
{rows}

"""

WHYS = {
    "incident: deadlock": "A join waits for a branch that the drawing never takes: an incident.",
    "incident: no-flow": "The data tried fulfil no condition, and there is no default flow.",
    "incident: expression": "An expression fails on the data tried, or was written for another engine's objects.",
    "incident: runaway": "A loop without a wait, drawn to be endless.",
    "incident": "An element fails on the data tried.",
    "no end: goes round for ever": "The drawing loops until data appear that only its own services would set.",
    "no end within": "The drawing loops without an end.",
    "completed without an end event": "The only paths taken end without an end event.",
    "terminated without an end event": "A called process or an error ends it before an end event.",
    "stuck": "Nothing is open, and nothing moves.",
    "error": "The call to the playground itself was refused.",
    "crash": "A defect of the engine or of the driver.",
}


def write(outcomes: Sequence[Outcome]) -> None:
    """Write the page from the outcomes of a whole run."""
    PAGE.write_text(page(outcomes), "utf-8")


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the page."""
    by_corpus: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_corpus[one.case.corpus].append(one)
    rates = [(CORPORA[name], rate(name, by_corpus[name])) for name in CORPORA if name in by_corpus]
    suites = [_suite_row(*one) for one in rates if not one[0].stock[0]]
    neutral = [_neutral_row(*one) for one in rates if one[0].stock[0]]
    failed = [one for name in by_corpus if CORPORA[name].stock[0] for one in by_corpus[name] if _failed(one)]
    parts = [HEAD, SUITES.format(rows="\n".join(suites)), NEUTRAL.format(rows="\n".join(neutral))]
    parts.append(REFUSED.format(rows="\n".join(_refused_rows([one for one in failed if not one.taken]))))
    parts.append(STOPPED.format(rows="\n".join(_stopped_rows([one for one in failed if one.taken]))))
    return "".join(parts).rstrip("\n") + "\n"


def _failed(outcome: Outcome) -> bool:
    return outcome.counts and not outcome.passed


def _suite_row(corpus: Corpus, counted: Rate) -> str:
    ours = f"{counted.passed} ({counted.passed_percent:.1f} %)"
    return f"| {corpus.name} | {counted.cases} | {ours} | {corpus.stock[1]} |"


def _neutral_row(corpus: Corpus, counted: Rate) -> str:
    ours = f"{counted.taken_percent:.1f} % | {counted.passed_percent:.1f} %"
    return f"| {corpus.name} | {counted.cases} | {ours} | {corpus.stock[0]} | {corpus.stock[1]} |"


def _refused_rows(refused: Sequence[Outcome]) -> list[str]:
    known = _rules(RULES.read_text("utf-8"))
    counts = Counter(one.reason.split(": ")[1] for one in refused)
    rows = []
    for rule, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        what, where = known.get(rule) or (_said(refused, rule), "house")
        rows.append(f"| `{rule}` | {count} | {what} | {where} |")
    return rows


def _said(refused: Iterable[Outcome], rule: str) -> str:
    """Return what the first finding of a rule says, which the lint's page has no sentence for."""
    return next(one.reason.split(": ", 2)[-1] for one in refused if one.reason.split(": ")[1] == rule)


def _rules(text: str) -> Mapping[str, tuple[str, str]]:
    """Return what the page of the lint says about each rule: the English sentence, and the standard's chapter."""
    found: dict[str, tuple[str, str]] = {}
    for rule, _, english, where in _RULE.findall(text):
        found.setdefault(rule, (english, where))
    return found


def _stopped_rows(stopped: Iterable[Outcome]) -> list[str]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in stopped:
        groups[next((why for start, why in WHYS.items() if one.reason.startswith(start)), one.reason)].append(one)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [f"| {why} | {len(group)} | {group[0].case.corpus}: `{group[0].case.file}` |" for why, group in ordered]
