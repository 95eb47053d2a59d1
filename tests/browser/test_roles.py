"""Leader, deputy, staff and supervisor at their desks, on a desktop and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, PHONE, Visit
from tests.support.pictures import photo

SIZES = [pytest.param(DESKTOP, "desktop", id="desktop"), pytest.param(PHONE, "phone", id="phone")]
ULTRASOUND, CALLS, LAMP = "移动式超声诊断仪", "病区呼叫系统", "手术室无影灯"


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_leader_reads_the_evidence_agrees_and_prints(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
) -> None:
    leader = Visit(browser, office, "head", viewport=viewport)
    leader.undo_within(1)
    leader.open(LAMP)
    page = leader.page
    form = page.locator("details[data-island=fold]").first
    assert form.evaluate("card => card.open") is (name == "desktop")
    page.locator("[data-compare]").click()
    expect(page.locator("#compare .over")).to_have_js_property("naturalWidth", 320)
    page.locator("#compare [data-close]").click()
    page.locator(".picture").first.click()
    expect(page.locator("#look .stage img")).to_be_visible()
    page.locator("#look [data-close]").click()
    page.locator(".preview > summary").click()
    expect(page.frame_locator(".preview iframe").locator("body")).to_contain_text("三家供应商")
    expect(page.locator(".timeline .predicted")).to_contain_text("预计")
    paper = page.locator("a[href$='form.pdf']").get_attribute("href")
    printed = leader.context.request.get(f"{office}{paper}")
    assert printed.body().startswith(b"%PDF-")
    page.locator(".detail h1").scroll_into_view_if_needed()
    leader.picture(f"approval-{name}")
    page.locator(".actionbar button[value=agree]").click()
    expect(page.locator(".toasts .undo")).to_contain_text(LAMP)
    leader.picture(f"undo-{name}")
    expect(page.locator(".toasts .undo")).to_have_count(0)
    leader.wait_until_done(LAMP)
    leader.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_deputy_votes_asks_a_colleague_first_and_returns(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
) -> None:
    deputy = Visit(browser, office, "deputy-medical", viewport=viewport)
    deputy.open(ULTRASOUND)
    page = deputy.page
    expect(page.locator(".votewords")).to_contain_text("同意满 3 票通过")
    page.locator(".actionbar details.menu summary").click()
    page.locator(".actionbar a[href$='/ask/add_before']").click()
    sheet = page.locator("#sheet")
    sheet.locator("[name=q]").fill("卫汇总")
    sheet.locator(".person", has_text="卫汇总").locator("input").check()
    sheet.locator("button.btn-primary").click()
    page.wait_for_selector(".toast-line")
    deputy.go("/inbox?box=done")
    officer = Visit(browser, office, "nursing-officer", viewport=viewport)
    officer.open(ULTRASOUND)
    expect(officer.page.locator(".electorate .electorate")).to_contain_text("由 钱医政 前加签")
    officer.confirm("a", "参数合适。")
    officer.close()
    deputy.open(ULTRASOUND)
    expect(page.locator(".electorate .electorate")).to_contain_text("参数合适。")
    page.locator("[data-key=return]").click()
    expect(sheet.locator("#effects li").first).to_be_visible()
    expect(sheet.locator(".viewer .mark-opened")).to_have_count(1)
    expect(sheet.locator(".legend")).to_contain_text("重新打开")
    sheet.locator("[name=reason]").fill("请补充三年维护费用。")
    deputy.picture(f"effects-{name}")
    sheet.locator("button.btn-return").click()
    page.wait_for_selector(".toast-line")
    staff = Visit(browser, office, "office", viewport=viewport)
    staff.open(ULTRASOUND)
    expect(staff.page.locator(".notice.warn")).to_contain_text("请补充三年维护费用。")
    staff.close()
    deputy.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_staff_starts_fills_in_uploads_and_takes_back(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
    tmp_path: Path,
) -> None:
    staff = Visit(browser, office, "office", viewport=viewport)
    page = staff.page
    staff.go("/start?q=采购")
    page.locator("a.tile", has_text="设备采购申请").first.click()
    expect(page.locator("#route")).to_contain_text("周统筹")
    page.get_by_label("采购项目").fill("血气分析仪")
    page.get_by_label("金额").fill("52000")
    staff.picture(f"start-{name}")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/instances/*")
    staff.open("血气分析仪") if staff.row("血气分析仪").count() else staff.open("设备采购申请")
    page.get_by_label("类别").select_option("new")
    page.get_by_label("需要日期").fill("2026-11-01")
    page.get_by_label("申请理由").fill("急诊需要。")
    picture = tmp_path / "现场.png"
    picture.write_bytes(photo(140))
    page.get_by_label("现场照片（整改前）").set_input_files(picture)
    expect(page.locator("[data-files] .file")).to_contain_text("现场.png")
    staff.press("complete")
    staff.go("/inbox?box=done")
    staff.row("设备采购申请").click()
    page.wait_for_selector("#pane .detail")
    page.locator(".actionbar details.menu summary").click()
    page.locator(".actionbar a[href$='/ask/retrieve']").click()
    page.locator("#sheet button.btn-primary").click()
    page.wait_for_selector(".toast-line")
    staff.open("设备采购申请")
    expect(page.get_by_label("申请理由")).to_have_value("急诊需要。")
    staff.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_supervisor_urges_once_in_four_hours_and_keeps_a_view(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
) -> None:
    supervisor = Visit(browser, office, "office", viewport=viewport)
    page = supervisor.page
    supervisor.go("/inbox?box=mine")
    supervisor.row(CALLS).click()
    page.locator(".waitrow [data-key=urge]").click()
    page.locator("#confirm [data-yes]").click()
    page.wait_for_selector(".toast-line")
    supervisor.go("/inbox?box=mine")
    supervisor.row(CALLS).click()
    expect(page.locator(".waitrow")).to_contain_text("已催办 1 次")
    expect(page.locator(".waitrow")).to_contain_text("每 4 小时可催办一次")
    supervisor.go("/inbox?box=mine&q=采购")
    page.locator(".filters details.menu summary").click()
    page.locator("[name=name][form=save-view]").fill("采购")
    page.locator("button[form=save-view]").click()
    page.wait_for_selector(".toast-line")
    page.locator(".filters details.menu summary").click()
    expect(page.locator(".filters .panel a[aria-current]")).to_have_text("采购")
    supervisor.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_staff_mentions_a_colleague_who_is_told_and_reads_it(
    browser: Browser,
    office: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
) -> None:
    staff = Visit(browser, office, "office", viewport=viewport)
    page = staff.page
    staff.go("/inbox?box=mine")
    staff.row(CALLS).click()
    field = page.locator("#comments textarea")
    field.press_sequentially("请看第二份报价 @周")
    offered = page.locator("#comments .offered [role=option]")
    expect(offered.first).to_contain_text("周统筹")
    field.evaluate("field => field.scrollIntoView({ block: 'center', behavior: 'instant' })")
    staff.picture(f"mention-{name}")
    field.press("Enter")
    expect(offered).to_have_count(0)
    expect(field).to_have_value("请看第二份报价 @周统筹 ")
    page.locator("#comments .comment-form button.push").click()
    expect(page.locator("#comments .comment").last).to_contain_text("请看第二份报价 @周统筹")
    colleague = Visit(browser, office, "head", viewport=viewport)
    colleague.go("/notices?unread=1")
    colleague.page.locator("a", has_text="提到").first.click()
    expect(colleague.page.locator("#comments .comment").last).to_contain_text("请看第二份报价")
    colleague.close()
    staff.close()
