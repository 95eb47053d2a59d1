"""The corpora: where they lie, how many cases they have, and what stock SpiffWorkflow makes of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance import betsy, neutral, paths, refusals
from tests.conformance.outcome import Case, Outcome

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "conformance"
"""Beside the project: other people's diagrams are never copied into it."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set of cases.

    ``stock`` says how stock SpiffWorkflow 3.2.0 fares, as the corpora's README measured it: parsed and passed.
    """

    name: str
    folder: str
    try_case: Callable[[Path, Case], Outcome]
    cases: "Callable[[Corpus, Path], Iterator[Case]]"
    stock: tuple[str, str]


def _files(corpus: Corpus, folder: Path) -> Iterator[Case]:
    for path in sorted((folder / corpus.folder).iterdir()):
        yield Case(corpus.name, path.name)


def _betsy(corpus: Corpus, folder: Path) -> Iterator[Case]:
    tests = json.loads((folder / "betsy.json").read_text("utf-8"))["tests"]
    for test in tests:
        for case in test["cases"]:
            yield Case(corpus.name, test["file"], case["number"])


def _paths(corpus: Corpus, folder: Path) -> Iterator[Case]:
    for path in sorted((folder / corpus.folder).iterdir()):
        for number in range(1, 1 + len(paths.wanted_paths(path.read_bytes()))):
            yield Case(corpus.name, path.name, number)


def _neutral(name: str, parsed: str, runs: str) -> Corpus:
    return Corpus(name, f"files/{name}", neutral.try_case, _files, (parsed, runs))


CORPORA: Mapping[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus("betsy", "betsy", betsy.try_case, _betsy, ("", "45 of 56 (80.4 %)")),
        Corpus("must-refuse", "must-refuse", refusals.try_case, _files, ("", "61 of 164 (37.2 %)")),
        Corpus("driven-paths", "files/driven-testing", paths.try_case, _paths, ("", "122 of 136 (89.7 %)")),
        _neutral("flowable", "88 %", "46.8 %"),
        _neutral("jbpm", "55 %", "9.2 %"),
        _neutral("spiff-tests", "85 %", "56.2 %"),
        _neutral("spiff-arena", "94 %", "57.6 %"),
        _neutral("spiff-samples", "76 %", "43.2 %"),
        _neutral("driven-testing", "77 %", "53.1 %"),
        _neutral("lean-scenarios", "95 %", "48.8 %"),
        _neutral("paed01", "68 %", "20.2 %"),
        _neutral("bpmn-js", "22 %", "16.7 %"),
    )
}


def present(folder: Path) -> list[Corpus]:
    """Return the corpora whose files are there."""
    return [corpus for corpus in CORPORA.values() if (folder / corpus.folder).is_dir()]


def cases_of(corpus: Corpus, folder: Path) -> list[Case]:
    """Return a corpus's cases in the order of their files."""
    return list(corpus.cases(corpus, folder))


def try_case(folder: Path, case: Case) -> Outcome:
    """Try one case."""
    corpus = CORPORA[case.corpus]
    return corpus.try_case(folder / corpus.folder / case.file, case)
