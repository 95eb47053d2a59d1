"""A click that is faster than the scripts of its page, as on a slow phone."""

from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.visits import PHONE, Visit

ITEM = "病区呼叫系统"
SCRIPTS = "**/assets/base-*.js"


def _click_early(visit: Visit, box: str, button: str) -> Callable[[], Route]:
    """Open a task as a page of its own and click before its scripts came; the route is theirs, to be let through."""
    page = visit.page
    visit.go(box)
    address = visit.row(ITEM).get_attribute("href")
    asked_for: list[Route] = []
    page.route(SCRIPTS, asked_for.append, times=1)
    page.goto(f"{visit.address}{address}", wait_until="commit")
    page.locator(button).click()
    while not asked_for:
        page.wait_for_timeout(10)
    return asked_for.pop


def _outcome(visit: Visit) -> Locator:
    return visit.page.locator(".toast-line, #confirm[open]")


def test_a_decision_waits_for_its_undo(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=PHONE)
    visit.undo_within(60)
    scripts = _click_early(visit, "/inbox", ".actionbar button[value=agree]")
    expect(_outcome(visit)).to_have_count(0)
    scripts().continue_()
    visit.page.locator("[data-take-back]").click()
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEM)
    assert not visit.done(ITEM)
    visit.close()


def test_what_asks_still_asks(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "office", viewport=PHONE)
    scripts = _click_early(visit, "/inbox?box=mine", ".waitrow [data-key=urge]")
    expect(_outcome(visit)).to_have_count(0)
    scripts().continue_()
    visit.page.locator("#confirm [data-yes]").click()
    expect(_outcome(visit)).to_contain_text("已催办")
    visit.close()


def test_scripts_that_fail_hold_nothing_back(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=PHONE)
    scripts = _click_early(visit, "/inbox", ".actionbar button[value=agree]")
    expect(_outcome(visit)).to_have_count(0)
    scripts().abort()
    expect(_outcome(visit)).to_be_visible()
    assert visit.done(ITEM)
    visit.close()
