"""What pages, islands and editors weigh, compressed: as measured on the prototypes, and no more.

Two are exceptions (docs/decisions/0018-what-a-page-loads.md): htmx alone weighs what the base was to weigh, and the
viewer of diagrams has since learnt to follow fingers, which is half a kilobyte.
"""

import gzip
import json
import re
from pathlib import Path

import pytest

DIST = Path(__file__).resolve().parents[3] / "web/static/dist"
FRONTEND = DIST.parents[1] / "frontend"
TASK = FRONTEND / "task"
DEMAND = FRONTEND / "lib/demand.js"
BASE = "web/frontend/islands/base.js"
DESIGNER = "web/frontend/designer"
WORDS = {"zh": ("libraries.js", "literals.json"), "en": ("english.json",)}
MANIFEST = json.loads((DIST / "manifest.json").read_text("utf-8"))


def loaded(*entries: str) -> tuple[set[str], set[str]]:
    """Return the scripts and the sheets that come with these entries, shared ones once."""
    scripts: set[str] = set()
    sheets: set[str] = set()
    waiting = list(entries)
    while waiting:
        chunk = MANIFEST[waiting.pop()]
        if chunk["file"] in scripts:
            continue
        scripts.add(chunk["file"])
        sheets.update(chunk.get("css", ()))
        waiting += chunk.get("imports", ())
    return scripts, sheets


def compressed(files: set[str]) -> float:
    """Return the sum in kB as on the wire."""
    return sum(len(gzip.compress((DIST / file).read_bytes(), 6)) for file in files) / 1000


def shared(name: str) -> str:
    """Return the entry of what several islands share under this name."""
    return next(key for key, chunk in MANIFEST.items() if chunk.get("name") == name)


def fonts(sheets: set[str]) -> set[str]:
    """Return the fonts that a browser of today takes of those that the sheets name."""
    named = [re.findall(r"/(assets/[\w.-]+\.woff2)", (DIST / sheet).read_text("utf-8")) for sheet in sheets]
    return {font for one in named for font in one}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("editor", "script_bar", "sheet_bar"), [("bpmn", 542, 60), ("dmn", 405, 38), ("form", 387, 19)]
)
def test_an_editor_with_the_workspace_around_it_weighs_no_more_than_the_prototypes(
    editor: str, script_bar: int, sheet_bar: int, language: str
) -> None:
    words = [f"{DESIGNER}/words/{name}" for name in WORDS[language]]
    scripts, sheets = loaded(f"{DESIGNER}/index.js", f"{DESIGNER}/{editor}/editor.js", *words)
    assert compressed(scripts) <= script_bar
    assert compressed(sheets | fonts(sheets)) <= sheet_bar


def test_every_page_loads_little_more_than_htmx() -> None:
    scripts, sheets = loaded(BASE)
    vendor = MANIFEST["web/frontend/css/vendor.css"]["file"]
    assert compressed(scripts) <= 16.5
    assert compressed(sheets) <= 10.5
    assert compressed({vendor}) <= 14


@pytest.mark.parametrize(
    ("entry", "script_bar", "sheet_bar"),
    [
        pytest.param("web/frontend/task/diagram.js", 64.5, 6, id="the viewer of diagrams"),
        pytest.param(shared("seen"), 160, 11, id="the viewer of forms"),
        pytest.param("web/frontend/charts/index.js", 200, 1, id="charts"),
    ],
)
def test_an_island_adds_no_more_to_a_page_than_the_prototypes(entry: str, script_bar: int, sheet_bar: int) -> None:
    scripts, sheets = loaded(entry)
    of_every_page, _ = loaded(BASE)
    assert compressed(scripts - of_every_page) <= script_bar
    assert compressed(sheets) <= sheet_bar


def test_no_page_loads_at_once_what_only_tasks_need() -> None:
    scripts, _ = loaded(BASE, "web/frontend/inbox/index.js")
    assert MANIFEST["web/frontend/task/index.js"]["file"] not in scripts
    assert compressed(scripts) <= 20


def test_what_is_fetched_on_demand_is_asked_for_by_every_element_that_needs_it() -> None:
    mounted = set(re.findall(r"island\('([\w-]+)'", "".join(one.read_text("utf-8") for one in TASK.glob("*.js"))))
    asked_by = re.search(r"const ISLANDS = \[(.*?)\]", DEMAND.read_text("utf-8"))
    assert asked_by is not None
    assert set(re.findall(r"'([\w-]+)'", asked_by[1])) == mounted
