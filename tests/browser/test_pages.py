"""What the pages do in a real browser: keys, clock, language, reading without JavaScript, no serious fault for axe."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, IMAGES, PHONE, Visit

LEADER = "deputy-medical"
SIZES = [pytest.param(DESKTOP, "desktop", id="desktop"), pytest.param(PHONE, "phone", id="phone")]


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_board_ledger_and_results(browser: Browser, address: str, viewport: dict, name: str) -> None:  # type: ignore[type-arg]
    visit = Visit(browser, address, "head", viewport=viewport)
    visit.board()
    board = visit.page.url
    expect(visit.page.locator(".phase")).to_have_count(5)
    assert visit.page.locator(".phase[aria-current]").inner_text().startswith("整改督查")
    visit.picture(f"board-{name}")
    visit.page.goto(f"{board}/ledger")
    expect(visit.page.get_by_text("手术离室前核查由一人代签").filter(visible=True)).to_have_count(1)
    visit.picture(f"ledger-{name}")
    visit.page.goto(f"{board}/results")
    visit.picture(f"results-{name}")
    visit.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_sign_in_offers_the_demonstration_people(browser: Browser, address: str, viewport: dict, name: str) -> None:  # type: ignore[type-arg]
    page = browser.new_context(locale="zh-CN", viewport=viewport).new_page()
    page.goto(f"{address}/sign-in")
    expect(page.locator("button[name=login]")).to_have_count(30)
    page.screenshot(path=IMAGES / f"sign-in-{name}.png")
    page.fill("[name=login]", "head")
    page.fill("[name=password]", "wrong")
    page.locator("form:has([name=password]) button.btn-primary").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    page.fill("[name=password]", "duban-demo")
    page.locator("form:has([name=password]) button.btn-primary").click()
    page.wait_for_url("**/inbox")
    page.context.close()


def test_reading_and_deciding_without_javascript(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, "surgery-director", viewport=PHONE, java_script_enabled=False)
    visit.row("部位标示").click()
    visit.page.wait_for_url("**/tasks/*")
    task = visit.page.url
    assert visit.page.locator(".timeline li").count() >= 1
    visit.page.get_by_label("原因分析").fill("没有统一的标示笔")
    visit.page.get_by_label("整改措施").fill("统一配发标示笔")
    visit.page.get_by_label("责任人").fill("韩外科")
    visit.page.get_by_label("完成日期").fill("2026-09-21")
    visit.press("complete")
    assert visit.done("部位标示")
    visit.page.goto(task)
    assert "统一配发标示笔" in visit.page.content()
    visit.close()


def test_keys_of_the_inbox_ask_before_deciding(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP)
    keys = visit.page.keyboard
    titles = visit.page.locator("[data-row] .t").all_inner_texts()
    heading = visit.page.locator("#pane .detail h1")
    keys.press("j")
    heading.filter(has_text=titles[0].removeprefix("未读").strip()).wait_for()
    keys.press("j")
    heading.filter(has_text=titles[1].removeprefix("未读").strip()).wait_for()
    keys.press("k")
    heading.filter(has_text=titles[0].removeprefix("未读").strip()).wait_for()
    keys.press("a")
    expect(visit.page.locator("#confirm")).to_be_visible()
    keys.press("Escape")
    expect(visit.page.locator("#confirm")).to_be_hidden()
    keys.press("?")
    expect(visit.page.locator("#help")).to_be_visible()
    keys.press("Escape")
    visit.go("/inbox")
    visit.page.locator("[data-row]").nth(1).focus()
    keys.press("Enter")
    heading.filter(has_text=titles[1].removeprefix("未读").strip()).wait_for()
    visit.go("/inbox")
    expect(visit.page.locator("[data-row]")).to_have_count(len(titles))
    visit.close()


def test_demonstration_clock_moves_and_says_what_fell_due(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, "office", viewport=PHONE)
    bar = visit.page.locator(".demobar")
    assert "2026-09-15 14:0" in bar.inner_text()
    bar.locator("button[value=hour]").click()
    visit.page.locator(".toast-line", has_text="现在是 2026-09-15 15:0").wait_for()
    assert "2026-09-15 15:0" in bar.inner_text()
    bar.locator("button[value=day]").click()
    visit.page.locator(".toast-line", has_text="现在是 2026-09-16 15:0").wait_for()
    bar.locator("button[value=deadline]").click()
    told = visit.page.locator(".toast-line", has_text="现在是").inner_text()
    assert "触发了" in told
    assert "触发了 0 项" not in told
    visit.close()


def test_english_after_a_switch(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP)
    visit.go("/me")
    visit.page.locator("main button[name=lang][value=en]").click()
    visit.go("/inbox")
    assert visit.page.locator("html").get_attribute("lang") == "en"
    expect(visit.page.get_by_text("Started by me").first).to_be_visible()
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_faults(browser: Browser, address: str, scheme: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP, color_scheme=scheme, bypass_csp=True)
    first = str(visit.page.locator("[data-row]").first.get_attribute("href"))
    visit.go("/campaigns")
    board = str(visit.page.locator("a.tile").first.get_attribute("href"))
    faults: list[str] = []
    tabs = ("", "/schedule", "/ledger", "/results", "/trends", "/parts", "/notices", "/documents")
    paths = ("/inbox", first, "/campaigns", *(f"{board}{tab}" for tab in tabs), "/start", "/start/general-campaign")
    paths = (*paths, "/notices", "/me", "/me/notifications", "/me/phrases", "/sign-in")
    for path in paths:
        if path == "/sign-in":
            visit.context.clear_cookies()
        visit.go(path)
        faults += visit.serious_faults()
    assert faults == [], "\n".join(faults)
    visit.close()


def test_diagram_that_does_not_come_says_so(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, LEADER, viewport=DESKTOP)
    visit.context.route("**/diagram.bpmn", lambda route: route.abort())
    visit.open()
    card = visit.page.locator("[data-island=diagram]")
    card.scroll_into_view_if_needed()
    expect(card.get_by_role("status")).to_contain_text("请刷新页面")
    visit.close()


def test_rows_are_ticked_by_key_and_agreed_to_together(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=DESKTOP)
    keys = visit.page.keyboard
    keys.press("j")
    visit.page.wait_for_selector("#pane .detail")
    keys.press("x")
    expect(visit.page.locator("[data-chosen]")).to_have_text("已选 1 项")
    keys.press("a")
    sheet = visit.page.locator("#sheet")
    expect(sheet.locator("[name=slot]:checked")).to_have_count(1)
    sheet.locator("[name=opinion]").fill("同意。")
    sheet.locator("button.btn-primary").click()
    expect(visit.page.get_by_text("成功")).to_have_count(1)
    visit.go("/inbox")
    expect(visit.page.locator("[data-row]")).to_have_count(2)
    visit.close()


def test_rows_stay_ticked_when_the_list_is_asked_for_again(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "head", viewport=DESKTOP)
    boxes = visit.page.locator("input[form=batch]")
    boxes.first.check()
    other = Visit(browser, office, "head", viewport=DESKTOP)
    other.page.locator("[data-row]").last.click()
    other.press("agree")
    other.close()
    visit.page.evaluate("htmx.trigger(document.querySelector('[data-counter]'), 'refresh')")
    expect(boxes).to_have_count(2)
    expect(boxes.first).to_be_checked()
    expect(visit.page.locator("[data-chosen]")).to_have_text("已选 1 项")
    visit.close()


def test_two_tabs_the_second_learns_and_loses_nothing(browser: Browser, office: str) -> None:
    visit = Visit(browser, office, "deputy-nursing", viewport=DESKTOP)
    visit.open("移动式超声诊断仪")
    visit.page.locator("[name=opinion]").fill("写到一半")
    other = Visit(browser, office, "deputy-medical", viewport=DESKTOP)
    other.open("移动式超声诊断仪")
    other.press("agree")
    visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visit.page.locator(".fresh button").click()
    expect(visit.page.locator(".votewords")).to_contain_text("同意 1")
    expect(visit.page.locator("[name=opinion]")).to_have_value("写到一半")
    visit.press("agree")
    other.close()
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_no_serious_faults_at_the_desk(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
    scheme: str,
) -> None:
    visit = Visit(browser, office, "deputy-medical", viewport=viewport, color_scheme=scheme, bypass_csp=True)
    task = str(visit.row("移动式超声诊断仪").get_attribute("href"))
    faults: list[str] = []
    for path in ("/inbox", "/inbox?box=mine", "/inbox/views", task, f"{task}/return", "/start", "/start/purchase"):
        visit.go(path)
        faults += visit.serious_faults()
    assert faults == [], "\n".join(faults)
    visit.close()
