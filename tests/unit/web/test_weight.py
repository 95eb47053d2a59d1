"""What the designer's editors weigh, compressed: as measured on the prototypes, and no more."""

import gzip
import json
import re
from pathlib import Path

import pytest

DIST = Path(__file__).resolve().parents[3] / "web/static/dist"
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
