"""What is done faster than the scripts of its page come, as on a slow phone."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.visits import PHONE, Visit
from workflows.scenarios.files import make_file

ITEM = "病区呼叫系统"
SCRIPTS = "**/assets/base-*.js"
OF_TASKS = "**/assets/task-*.js"


def _click_early(visit: Visit, box: str, button: str) -> Callable[[], Route]:
    """Open a task as a page of its own and click before its scripts came; the route is theirs, to be let through."""
    page = visit.page
    visit.go(box)
    address = visit.row(ITEM).get_attribute("href")
    held = _hold(visit, SCRIPTS)
    page.goto(f"{visit.address}{address}", wait_until="commit")
    page.locator(button).click()
    return held


def _hold(visit: Visit, scripts: str) -> Callable[[], Route]:
    """Hold scripts back, once; what is returned waits until they are asked for, and gives their route."""
    asked_for: list[Route] = []

    def keep(route: Route) -> None:
        asked_for.append(route)

    def held() -> Route:
        while not asked_for:
            visit.page.wait_for_timeout(10)
        return asked_for.pop()

    visit.page.route(scripts, keep, times=1)
    return held


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


def test_a_list_is_opened_without_what_only_tasks_need(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=PHONE)
    asked_for: list[str] = []
    visit.page.on("request", lambda request: asked_for.append(request.url))
    visit.go("/inbox")
    visit.page.wait_for_load_state("networkidle")
    assert any("/base-" in one for one in asked_for)
    assert not any("/task-" in one for one in asked_for)
    visit.row(ITEM).click()
    visit.page.wait_for_selector("#pane .detail")
    assert any("/task-" in one for one in asked_for)
    visit.close()


def test_a_phrase_is_put_in_once_the_scripts_of_tasks_came(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=PHONE)
    scripts = _hold(visit, OF_TASKS)
    visit.open(ITEM)
    phrase = visit.page.locator("#pane [data-phrase]").first
    phrase.click()
    opinion = visit.page.locator("[name=opinion]")
    expect(opinion).to_have_value("")
    scripts().continue_()
    expect(opinion).to_have_value(phrase.get_attribute("data-phrase") or "missing")
    visit.close()


def test_what_was_filled_in_early_is_saved_and_goes_up(browser: Browser, address: str, tmp_path: Path) -> None:
    visit = Visit(browser, address, "ward-two-nurse", viewport=PHONE)
    report = tmp_path / "自查整改报告.pdf"
    report.write_bytes(make_file("a.pdf")[0])
    scripts = _hold(visit, OF_TASKS)
    visit.open("二病区")
    visit.page.get_by_label("自查整改报告").fill("自查发现两项问题。")
    visit.page.get_by_label("报告附件").set_input_files(report)
    route = scripts()
    expect(visit.page.locator("[data-files] .file")).to_have_count(0)
    route.continue_()
    expect(visit.page.locator("[data-files] .file")).to_contain_text("自查整改报告.pdf")
    visit.page.locator("[data-draft-note]", has_text="草稿已保存").wait_for()
    visit.page.reload()
    expect(visit.page.locator("[name='f.report']")).to_have_value("自查发现两项问题。")
    visit.close()
