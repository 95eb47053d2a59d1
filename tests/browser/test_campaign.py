"""The leaders' and a department's part, for real, on a desktop and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, PHONE, Visit
from workflows.scenarios.files import make_file

SIZES = [pytest.param(DESKTOP, "desktop", id="desktop"), pytest.param(PHONE, "phone", id="phone")]
DEPUTIES = ("deputy-medical", "deputy-nursing", "deputy-pharmacy", "deputy-technology")
PLAN = "2027年"
REASON = "请写明医技科室报告审核由谁复核"


def _upload(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(make_file(name)[0])
    return path


def _launch_and_draft(browser: Browser, address: str, viewport: dict, folder: Path) -> None:  # type: ignore[type-arg]
    office = Visit(browser, address, "office", viewport=viewport)
    office.go("/start")
    office.page.locator("a.tile", has_text="查对制度").first.click()
    office.page.get_by_label("年度").fill("2027")
    office.page.locator("main button.btn-primary").click()
    office.page.wait_for_url("**/campaigns/*")
    office.open(PLAN)
    office.page.get_by_label("活动目标").fill("落实查对制度")
    office.page.get_by_label("组织与要求").fill("各科室第一责任人负责")
    office.page.get_by_label("实施方案文件").set_input_files(_upload("实施方案.pdf", folder))
    office.press("complete")
    assert office.done(PLAN)
    office.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_leaders_agree_to_a_new_campaign(
    browser: Browser,
    address: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
    tmp_path: Path,
) -> None:
    _launch_and_draft(browser, address, viewport, tmp_path)
    for login in DEPUTIES:
        deputy = Visit(browser, address, login, viewport=viewport)
        deputy.open(PLAN)
        expect(deputy.page.get_by_text("实施方案.pdf").first).to_be_attached()
        if login == DEPUTIES[1]:
            deputy.page.wait_for_selector(".electorate")
            if name == "desktop":
                deputy.page.locator("[data-island~=diagram]").scroll_into_view_if_needed()
                deputy.page.wait_for_selector("[data-island~=diagram][data-ready]")
                expect(deputy.page.locator(".bjs-powered-by")).to_be_visible()
            deputy.page.locator(".detail h1").scroll_into_view_if_needed()
            deputy.picture(f"task-{name}")
            deputy.go("/inbox")
            deputy.picture(f"inbox-{name}")
            deputy.open(PLAN)
        deputy.confirm("a", "同意。")
        assert deputy.done(PLAN)
        deputy.close()
    head = Visit(browser, address, "head", viewport=viewport)
    head.open(PLAN)
    head.page.locator("button[value=agree]").click()
    head.page.wait_for_selector(".toast-line")
    assert head.done(PLAN)
    head.board(PLAN)
    expect(head.page.get_by_text("进行中").first).to_be_visible()
    head.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_deputy_returns_with_a_reason_and_it_comes_straight_back(
    browser: Browser,
    address: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
    tmp_path: Path,
) -> None:
    _launch_and_draft(browser, address, viewport, tmp_path)
    deputy = Visit(browser, address, "deputy-technology", viewport=viewport)
    deputy.open(PLAN)
    deputy.page.locator("[data-key=return]").click()
    sheet = deputy.page.locator("#sheet")
    sheet.get_by_text("退回会带来").wait_for()
    assert sheet.locator("#effects li").count() >= 1
    sheet.locator("[name=mode][value=again]").check()
    sheet.locator("[name=mode][value=direct]").check()
    sheet.locator("[name=reason]").fill(REASON)
    deputy.picture(f"return-{name}")
    sheet.locator("button.btn-return").click()
    deputy.page.wait_for_selector(".toast-line")
    office = Visit(browser, address, "office", viewport=viewport)
    office.open(PLAN)
    expect(office.page.get_by_text(REASON).first).to_be_visible()
    office.page.get_by_label("组织与要求").fill("医技科室报告由高年资人员复核")
    office.press("complete")
    office.close()
    deputy.open(PLAN)
    assert deputy.page.get_by_text("医技科室报告由高年资人员复核").count() >= 1
    deputy.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_department_reports_its_self_check(
    browser: Browser,
    address: str,
    viewport: dict,  # type: ignore[type-arg]
    name: str,
    tmp_path: Path,
) -> None:
    nurse = Visit(browser, address, "ward-two-nurse", viewport=viewport)
    nurse.open("二病区")
    expect(nurse.page.locator(".detail .due", has_text="逾期")).to_be_visible()
    for item in range(1, 8):
        value = "problem" if item == 4 else "met"
        nurse.page.locator(f"input[name$='item_{item}'][value={value}]").check()
    for number, text in enumerate(("夜间给药只核对床号", "腕带字迹模糊")):
        nurse.page.locator("[data-add]").click()
        row = nurse.page.locator(".rowset").nth(number)
        row.get_by_label("查对项目").select_option("4")
        row.get_by_label("程度").select_option("general")
        row.get_by_label("问题").fill(text)
    nurse.page.get_by_label("自查整改报告").fill("自查发现两项问题，已分析原因。")
    nurse.page.get_by_label("报告附件").set_input_files(_upload("自查整改报告.pdf", tmp_path))
    nurse.page.locator("[data-draft-note]", has_text="草稿已保存").wait_for()
    nurse.page.locator(".detail h1").scroll_into_view_if_needed()
    nurse.picture(f"form-{name}")
    nurse.press("complete")
    assert nurse.done("二病区")
    nurse.close()
    officer = Visit(browser, address, "nursing-officer", viewport=viewport)
    officer.open("二病区")
    assert officer.page.get_by_text("腕带字迹模糊").count() >= 1
    officer.confirm("a")
    officer.close()
    head = Visit(browser, address, "head", viewport=viewport)
    head.board("2026年")
    card = "tr" if name == "desktop" else ".cards-only .tile"
    ward = head.page.locator(card, has_text="二病区")
    ward.get_by_text("逾期").first.wait_for(state="hidden")
    head.page.goto(f"{head.page.url}/ledger")
    expect(head.page.get_by_text("夜间给药只核对床号").filter(visible=True)).to_have_count(1)
    head.close()
