"""The leader's and a department's part in a real browser: desktop, phone, without JavaScript, accessible."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from tests.support.website import demonstration, website

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LEADER = "deputy-medical"
DEPARTMENT = "internal-director"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine, settings = demonstration(tmp_path_factory.mktemp("browser"))
    server: BaseWSGIServer = make_server("127.0.0.1", 0, website(engine, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.db.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield chromium
        chromium.close()


class Visit:
    """One signed-in browser window."""

    def __init__(self, browser: Browser, address: str, login: str, **options: object) -> None:
        self.context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.address = address
        self.page.goto(f"{address}/sign-in")
        self.page.click(f"button[name=login][value={login}]")
        self.page.wait_for_url("**/inbox")

    def open_first_task(self) -> None:
        """Follow the first row of the inbox."""
        link = self.page.locator("[data-row]").first.get_attribute("href")
        self.page.goto(self.address + str(link))

    def close(self) -> None:
        self.context.close()
        assert self.errors == []


def _sizes() -> list[object]:
    return [pytest.param(DESKTOP, "desktop", id="desktop"), pytest.param(PHONE, "phone", id="phone")]


@pytest.mark.parametrize(("viewport", "name"), _sizes())
def test_leader_reads_and_claims_a_task(browser: Browser, address: str, viewport: dict, name: str) -> None:  # type: ignore[type-arg]
    visit = Visit(browser, address, LEADER, viewport=viewport)
    visit.page.screenshot(path=IMAGES / f"inbox-{name}.png")
    visit.open_first_task()
    assert visit.page.locator("h1").last.is_visible()
    visit.page.screenshot(path=IMAGES / f"task-{name}.png")
    visit.page.locator("[data-island~=diagram]").scroll_into_view_if_needed()
    visit.page.wait_for_selector("[data-island~=diagram][data-ready]")
    assert visit.page.locator(".bjs-powered-by").is_visible()
    assert visit.page.locator("[data-key=agree]").count() == 1
    claim = visit.page.locator("button[value=claim]")
    if claim.count():
        visit.page.locator(".actionbar summary").click()
        claim.click()
        visit.page.wait_for_selector(".toast-line")
    visit.close()


@pytest.mark.parametrize(("viewport", "name"), _sizes())
def test_department_fills_a_form_and_the_draft_is_kept(
    browser: Browser,
    address: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
) -> None:
    visit = Visit(browser, address, DEPARTMENT, viewport=viewport)
    visit.open_first_task()
    if visit.page.locator("button[value=claim]").count():
        visit.page.locator(".actionbar summary").click()
        visit.page.locator("button[value=claim]").click()
        visit.page.wait_for_selector(".toast-line")
    area = visit.page.locator("textarea").first
    area.fill("逐项核对后形成的内容")
    visit.page.locator("[data-draft-note]", has_text="草稿已保存").wait_for()
    visit.page.screenshot(path=IMAGES / f"form-{name}.png")
    visit.page.reload()
    assert visit.page.locator("textarea").first.input_value() == "逐项核对后形成的内容"
    visit.close()


@pytest.mark.parametrize(("viewport", "name"), _sizes())
def test_board_shows_phases_and_units(browser: Browser, address: str, viewport: dict, name: str) -> None:  # type: ignore[type-arg]
    visit = Visit(browser, address, "head", viewport=viewport)
    visit.page.goto(f"{address}/campaigns")
    visit.page.locator("a.tile").first.click()
    visit.page.locator(".phase").first.wait_for()
    assert visit.page.locator(".phase").count() >= 4
    visit.page.screenshot(path=IMAGES / f"board-{name}.png")
    visit.page.goto(visit.page.url.split("?")[0] + "/ledger")
    visit.page.screenshot(path=IMAGES / f"ledger-{name}.png")
    visit.close()


def test_reading_and_deciding_without_javascript(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, "deputy-nursing", viewport=PHONE, java_script_enabled=False)
    visit.page.locator("[data-row]").first.click()
    visit.page.wait_for_url("**/tasks/*")
    assert visit.page.locator(".timeline li").count() >= 1
    visit.page.locator(".actionbar summary").click()
    visit.page.locator("button[value=claim]").click()
    assert visit.page.locator("[role=status]").count() >= 1
    visit.close()


def test_keys_move_and_ask_before_deciding(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, "inspector-surgery", viewport=DESKTOP)
    visit.page.keyboard.press("j")
    visit.page.wait_for_selector("#pane .detail")
    visit.page.keyboard.press("a")
    assert visit.page.locator("#confirm").is_visible()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("?")
    assert visit.page.locator("#help").is_visible()
    visit.close()


def test_english_after_a_switch(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP)
    visit.page.goto(f"{address}/me")
    visit.page.locator("main button[name=lang][value=en]").click()
    visit.page.goto(f"{address}/inbox")
    assert visit.page.locator("html").get_attribute("lang") == "en"
    assert visit.page.get_by_text("Started by me").first.is_visible()
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_faults(browser: Browser, address: str, scheme: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP, color_scheme=scheme, bypass_csp=True)
    first = visit.page.locator("[data-row]").first.get_attribute("href")
    visit.page.goto(f"{address}/campaigns")
    board = visit.page.locator("a.tile").first.get_attribute("href")
    faults = []
    for path in ("/inbox", first, board, f"{board}/ledger", f"{board}/results", "/start", "/notices", "/me"):
        visit.page.goto(f"{address}{path}")
        visit.page.add_script_tag(path=AXE)
        found = visit.page.evaluate("axe.run({resultTypes: ['violations']})")
        faults += [
            (path, one["id"], one["nodes"][0]["target"], one["nodes"][0]["failureSummary"])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    assert faults == [], "\n".join(map(str, faults))
    visit.close()
