"""Runs the corpora of other people's diagrams: ``python -m tests.conformance [--corpus NAME …]``."""

import argparse
import sys
import time
from pathlib import Path

import orjson

from tests.conformance import page
from tests.conformance.corpora import CORPORA, FOLDER, cases_of, present
from tests.conformance.outcome import Outcome
from tests.conformance.pool import try_all
from tests.conformance.report import as_json, lines_of


def main() -> int:
    """Run what is asked for; exit status 1 when nothing could be run."""
    asked = _arguments()
    corpora = [corpus for corpus in present(asked.folder) if not asked.corpus or corpus.name in asked.corpus]
    if not corpora:
        sys.stderr.write(f"no corpus in {asked.folder}\n")
        return 1
    everything: list[Outcome] = []
    for corpus in corpora:
        cases = cases_of(corpus, asked.folder)
        cases = [case for case in cases if asked.file in case.file][: asked.limit or None]
        started = time.monotonic()
        found = sorted(
            try_all(asked.folder, cases, processes=asked.processes, seconds=asked.seconds),
            key=lambda one: (one.case.file, one.case.number),
        )
        everything += found
        lines = lines_of(corpus.name, found, shown=asked.shown)
        sys.stdout.write("\n".join(lines) + f"\n({time.monotonic() - started:.0f} s)\n")
        sys.stdout.flush()
        if asked.lists:
            asked.lists.mkdir(parents=True, exist_ok=True)
            text = "\n".join(lines_of(corpus.name, found, shown=len(found)))
            (asked.lists / f"{corpus.name}.txt").write_text(text + "\n", "utf-8")
    if asked.json:
        asked.json.write_bytes(orjson.dumps(as_json(everything), option=orjson.OPT_INDENT_2))
    if asked.write:
        page.write(everything)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--corpus", action="append", choices=sorted(CORPORA), help="only this one (may be repeated)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the corpora lie")
    parser.add_argument("--file", default="", help="only files whose name has this in it")
    parser.add_argument("--limit", type=int, default=0, help="so many cases of each corpus")
    parser.add_argument("--processes", type=int, default=2, help="how many at a time")
    parser.add_argument("--seconds", type=float, default=10.0, help="processor time of one case")
    parser.add_argument("--shown", type=int, default=5, help="files named for each reason")
    parser.add_argument("--lists", type=Path, help="write the whole lists of failures to this folder")
    parser.add_argument("--write", action="store_true", help="write docs/conformance.md from a whole run")
    parser.add_argument("--json", type=Path, help="write all outcomes to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
