"""No serious accessibility fault on any screen of the designer, in light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.designing import Designer
from tests.browser.visits import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
KEY = "s2-03-checking-rules"
SERIOUS = ("serious", "critical")

NOT_JUDGED = (".cm-content",)
"""The FEEL editor's words are turned over for dark pages by a filter, which axe does not see."""


COLOURED = (".djs-palette", ".djs-context-pad .entry", ".bio-properties-panel-header", ".bio-properties-panel-input")
"""Parts of the diagram's editor that the sheets of the other editors colour too."""


def background(part: Locator) -> str:
    """Return the colour behind the first of these parts."""
    return str(part.first.evaluate("one => getComputedStyle(one).backgroundColor"))


def screens(designer: Designer) -> Iterator[str]:
    """Walk through the designer; each screen is named when it is there to be judged."""
    page = designer.page
    for address in ("/designer/", "/designer/new", "/designer/import", f"/designer/{KEY}/owner"):
        designer.go(address)
        yield address
    designer.go(f"/designer/{KEY}/changes?from=1&to=draft")
    page.wait_for_selector("[data-island=designer-compare], main")
    yield "changes"
    designer.open_package(KEY, "?tab=finding.bpmn")
    designer.sheet.locator(".djs-shape .djs-hit").nth(3).click()
    colours = {part: background(designer.sheet.locator(part)) for part in COLOURED}
    yield "diagram"
    for dock in ("check", "history", "comments", "sandbox"):
        designer.press(dock)
        page.wait_for_selector(f"[data-dock={dock}]:visible .dock-body > *")
        yield dock
    year = page.locator("[data-dock=sandbox] [name=year]")
    expect(year).to_have_value("2026")
    year.fill("1066")
    page.click("[data-do=begin]")
    expect(page.locator(".sandbox-begin [role=alert]", has_text="2020")).to_be_visible()
    yield "dry run refused"
    year.fill("2026")
    page.click("[data-do=begin]")
    page.wait_for_selector(".sandbox-tasks, .sandbox-columns")
    expect(page.locator("[role=tab][aria-selected=true]")).to_have_text(f"{KEY}.bpmn")
    expect(designer.sheet.locator(".token-here").first).to_be_visible()
    yield "dry run"
    designer.press("sandbox")
    box = designer.sheet.locator(".djs-shape[data-element-id] .djs-visual > rect").first
    drawn = box.evaluate("one => getComputedStyle(one).fill")
    designer.press("simulate")
    expect(box).to_have_css("fill", drawn)
    yield "simulation"
    designer.press("simulate")
    designer.press("compare")
    page.wait_for_selector("dialog[open] button[value=show]")
    yield "what to compare"
    page.click("dialog[open] button[value=show]")
    page.wait_for_selector(".compare-dialog .djs-shape, .compare-list")
    yield "comparison"
    page.locator(".compare-dialog header button").click()
    designer.press("publish")
    page.wait_for_selector("dialog[open] textarea")
    yield "publishing"
    page.locator("dialog[open] button[type=button]").click()
    designer.tab("award-line.dmn")
    page.wait_for_selector(".tjs-table")
    yield "decision table"
    page.locator(".dmn-views button").first.click()
    page.wait_for_selector(".dmn-main .djs-shape")
    yield "decisions"
    designer.tab("drive-plan.form")
    page.wait_for_selector(".fjs-form-field")
    yield "form"
    page.locator(".form-bar button").nth(2).click()
    page.wait_for_selector(".form-english")
    yield "form in English"
    designer.tab("plan.yaml")
    yield "text"
    designer.tab("finding.bpmn")
    for part, colour in colours.items():
        expect(designer.sheet.locator(part).first).to_have_css("background-color", colour)


def faults(designer: Designer, screen: str) -> list[tuple[str, str, str]]:
    """Return the serious faults that axe finds now."""
    designer.page.add_script_tag(path=AXE)
    found = designer.page.evaluate(
        "exclude => axe.run({ exclude }, { resultTypes: ['violations'] })",
        [[one] for one in NOT_JUDGED],
    )
    wrong = (one for one in found["violations"] if one["impact"] in SERIOUS)
    return [(screen, one["id"], str(node["target"][-1])) for one in wrong for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_faults_in_the_designer(browser: Browser, address: str, scheme: str) -> None:
    designer = Designer(browser, address, color_scheme=scheme, bypass_csp=True)
    found = [fault for screen in screens(designer) for fault in faults(designer, screen)]
    assert found == []
    designer.close()
