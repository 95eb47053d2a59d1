"""A diagram of 5 MB and 2,000 elements stays usable: what a hand does touches what it means, and is saved once."""

from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.designing import Designer
from tests.browser.test_designer import put
from tests.support.large import large_diagram

KEY = "large"
FEW = 30
"""Elements that one movement may draw again: the moved one, its flows, what is previewed."""

WATCH = """() => {
  window.redrawn = new Set();
  const canvas = document.querySelector('.sheet:not([hidden]) .djs-container svg');
  const watcher = new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target.closest?.('.djs-element');
      if (element) window.redrawn.add(element.dataset.elementId);
    }
  });
  watcher.observe(canvas, { subtree: true, childList: true, attributes: true });
}"""


def redrawn(page: Page) -> int:
    """Return how many elements were drawn again since the last question."""
    count: int = page.evaluate("() => { const { size } = window.redrawn; window.redrawn.clear(); return size; }")
    return count


def drag(designer: Designer, element: str) -> None:
    """Move an element down by hand."""
    box = designer.sheet.locator(f"[data-element-id={element}] > .djs-hit").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    designer.page.mouse.move(x, y)
    designer.page.mouse.down()
    designer.page.mouse.move(x, y + 60, steps=8)
    designer.page.mouse.up()


def test_a_large_diagram_is_opened_moved_named_checked_and_saved(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    page.set_default_timeout(60_000)
    designer.create(KEY, "大图")
    put(designer, f"{KEY}.bpmn", large_diagram(3_500))
    designer.open_package(KEY)
    assert designer.sheet.locator(".djs-element").count() > 2_000
    page.evaluate(WATCH)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(_turn(request)))
    with page.expect_response(lambda answer: answer.url.endswith("/check")):
        drag(designer, "T0")
        expect(designer.sheet.locator(".bio-properties-panel-header-label")).to_have_text("第 0 步")
        designer.unfold("general")
        name = designer.entry("name").locator("input, textarea").first
        name.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("改过的第一步")
        page.keyboard.press("Tab")
    assert redrawn(page) <= FEW
    expect(page.locator(".save-state")).to_have_attribute("data-state", "saved", timeout=60_000)
    assert asked.count("save") <= 3
    assert asked.count("check") <= 3

    page.reload()
    designer.ready()
    expect(designer.sheet.locator(".djs-shape[data-element-id=T0]")).to_contain_text("改过的第一步")
    designer.close()


def _turn(request: Request) -> str:
    if request.url.endswith("/check"):
        return "check"
    return "save" if request.method == "PUT" else ""
