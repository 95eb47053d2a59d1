"""A decision waits some seconds in the browser: taken back, sent, two in a row, leaving the page meanwhile."""

import re

from playwright.sync_api import Browser, Route, expect

from tests.browser.visits import DESKTOP, PHONE, Visit

HEAD = "head"
ITEMS = ("病区呼叫系统", "检验科离心机")


def _desk(browser: Browser, address: str, seconds: float) -> Visit:
    visit = Visit(browser, address, HEAD, viewport=DESKTOP)
    visit.undo_within(seconds)
    return visit


def _held(visit: Visit, method: str = "GET") -> list[Route]:
    """Let the next request for a task, or decision on one, not arrive before ``_come``."""
    late: list[Route] = []

    def hold(route: Route) -> None:
        if late or route.request.method != method:
            route.continue_()
        else:
            late.append(route)

    visit.page.route(re.compile(r"/tasks/\d+$"), hold)
    return late


def _come(visit: Visit, late: list[Route]) -> None:
    while not late:
        visit.page.wait_for_timeout(10)
    late[0].continue_()
    visit.page.wait_for_timeout(300)


def _agree(visit: Visit, item: str, opinion: str = "") -> None:
    visit.row(item).click()
    visit.page.locator("#pane .detail h1", has_text=item).wait_for()
    visit.page.locator(".actionbar [name=opinion]").fill(opinion)
    visit.page.locator(".actionbar button[value=agree]").click()
    visit.page.locator(".toasts .undo", has_text=item).wait_for()


def test_taken_back_with_everything_that_was_typed(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    _agree(visit, ITEMS[0], "请抓紧。")
    expect(visit.row(ITEMS[0])).to_be_hidden()
    expect(visit.page.locator("#pane .detail h1")).not_to_contain_text(ITEMS[0])
    visit.page.locator("[data-take-back]").click()
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[0])
    expect(visit.page.locator(".actionbar [name=opinion]")).to_have_value("请抓紧。")
    expect(visit.row(ITEMS[0])).to_be_visible()
    assert not visit.done(ITEMS[0])
    visit.close()


def test_taken_back_before_the_next_task_has_come(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    visit.row(ITEMS[0]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[0]).wait_for()
    late = _held(visit)
    visit.page.locator(".actionbar button[value=agree]").click()
    visit.page.locator("[data-take-back]").click()
    _come(visit, late)
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[0])
    expect(visit.row(ITEMS[0])).to_have_attribute("aria-current", "true")
    visit.close()


def test_of_two_rows_clicked_the_second_is_shown_whichever_comes_first(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    late = _held(visit)
    visit.row(ITEMS[0]).click()
    visit.row(ITEMS[1]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[1]).wait_for()
    _come(visit, late)
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[1])
    expect(visit.row(ITEMS[1])).to_have_attribute("aria-current", "true")
    visit.close()


def test_nobody_decides_on_what_is_shown_while_another_task_is_on_its_way(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    visit.row(ITEMS[0]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[0]).wait_for()
    late = _held(visit)
    visit.row(ITEMS[1]).click()
    expect(visit.page.locator("#pane[inert] .detail h1")).to_contain_text(ITEMS[0])
    visit.page.keyboard.press("a")
    expect(visit.page.locator("#confirm")).to_be_hidden()
    _come(visit, late)
    expect(visit.page.locator("#pane:not([inert]) .detail h1")).to_contain_text(ITEMS[1])
    expect(visit.page.locator("#pane .detail h1")).to_be_focused()
    visit.close()


def test_a_task_that_the_network_does_not_bring_is_told_and_the_list_stays(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, HEAD, viewport=PHONE)
    visit.row(ITEMS[0]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[0]).wait_for()
    visit.page.go_back()
    visit.row(ITEMS[1]).wait_for()
    visit.context.set_offline(True)
    visit.row(ITEMS[1]).click()
    expect(visit.page.locator(".toasts .failed")).to_contain_text("没有打开")
    expect(visit.row(ITEMS[1])).to_be_visible()
    visit.context.set_offline(False)
    visit.row(ITEMS[1]).click()
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[1])
    visit.context.set_offline(True)
    visit.page.locator("[data-key=return]").click()
    expect(visit.page.locator(".toasts .failed")).to_have_count(2)
    visit.close()


def test_who_opens_another_task_while_the_decision_is_rehearsed_stays_there(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    visit.row(ITEMS[0]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[0]).wait_for()
    late = _held(visit, "POST")
    visit.page.locator(".actionbar button[value=agree]").click()
    visit.row(ITEMS[1]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[1]).wait_for()
    _come(visit, late)
    expect(visit.page.locator(".toasts .undo")).to_contain_text(ITEMS[0])
    expect(visit.row(ITEMS[0])).to_be_hidden()
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[1])
    visit.page.locator("[data-take-back]").click()
    expect(visit.page.locator("#pane .detail h1")).to_contain_text(ITEMS[0])
    expect(visit.row(ITEMS[1])).to_be_visible()
    visit.close()


def test_two_in_a_row_are_both_sent(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 1)
    for item in ITEMS:
        _agree(visit, item)
    expect(visit.page.locator(".toasts .undo")).to_have_count(0)
    expect(visit.page.locator("[data-counter]").first).to_have_text("1")
    for item in ITEMS:
        assert visit.done(item)
    visit.close()


def test_leaving_the_page_sends_what_waits(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    _agree(visit, ITEMS[0])
    visit.page.goto("about:blank")
    visit.wait_until_done(ITEMS[0])
    visit.go("/inbox")
    _agree(visit, ITEMS[1])
    visit.page.locator(".mainnav a").nth(1).click()
    visit.page.wait_for_url("**/start")
    assert visit.done(ITEMS[1])
    visit.close()


def test_what_would_be_refused_is_refused_at_once(browser: Browser, office: str) -> None:
    visit = _desk(browser, office, 60)
    other = _desk(browser, office, 0)
    visit.row(ITEMS[0]).click()
    visit.page.locator("#pane .detail h1", has_text=ITEMS[0]).wait_for()
    other.open(ITEMS[0])
    other.press("agree")
    visit.page.locator(".actionbar [name=opinion]").fill("先放一放。")
    visit.page.locator(".actionbar button[value=agree]").click()
    told = visit.page.locator("#pane [role=status]", has_text="已由 周统筹 于")
    expect(told).to_be_visible()
    expect(told).to_contain_text("意见已存为评论")
    expect(visit.page.get_by_text("先放一放。")).to_be_visible()
    expect(visit.page.locator(".toasts .undo")).to_have_count(0)
    other.close()
    visit.close()


def test_without_javascript_a_decision_is_sent_at_once(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, HEAD, viewport=DESKTOP, java_script_enabled=False)
    visit.row(ITEMS[0]).click()
    visit.press("agree")
    assert visit.done(ITEMS[0])
    visit.close()
