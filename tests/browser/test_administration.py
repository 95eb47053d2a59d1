"""The administrators' pages in a real browser: dialogs, suggestions, the calendar, the import, no serious axe fault."""

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, PHONE, ROOT, Visit

AXE = ROOT / "node_modules/axe-core/axe.min.js"
PAGES = (
    "",
    "/people",
    "/people/1",
    "/posts",
    "/groups",
    "/groups/1",
    "/absences",
    "/calendar",
    "/exchange",
    "/changes",
)
SIZES = [pytest.param(DESKTOP, "desktop", id="desktop"), pytest.param(PHONE, "phone", id="phone")]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_post_is_given_in_the_dialog_with_suggestions(browser: Browser, address: str, viewport: dict) -> None:  # type: ignore[type-arg]
    visit = Visit(browser, address, "admin", viewport=viewport)
    visit.go("/admin?unit=pharmacy")
    visit.page.get_by_role("link", name="新增任职").click()
    sheet = visit.page.locator("#sheet")
    sheet.locator("[name=person]").press_sequentially("王记")
    sheet.locator("#of-person option[value=office-two]").wait_for(state="attached")
    sheet.locator("[name=person]").fill("office-two")
    sheet.locator("[name=post]").fill("staff")
    sheet.locator("[name=from]").fill("2026-09-01")
    sheet.get_by_role("button", name="保存").click()
    visit.page.locator(".toast-line", has_text="已保存").wait_for()
    expect(visit.page.locator("main a", has_text="王记录")).to_be_visible()
    visit.close()


@pytest.mark.parametrize(("viewport", "name"), SIZES)
def test_a_day_is_turned_and_taken_back(browser: Browser, address: str, viewport: dict, name: str) -> None:  # type: ignore[type-arg]
    visit = Visit(browser, address, "admin", viewport=viewport)
    visit.go("/admin?unit=hospital")
    visit.picture(f"organisation-{name}")
    visit.go("/admin/calendar?unit=hospital&year=2026")
    day = visit.page.locator("button[value='2026-09-12'].day")
    expect(day).to_contain_text("休息")
    visit.picture(f"calendar-{name}")
    day.click()
    expect(day).to_contain_text("上班")
    visit.page.get_by_role("button", name="撤销").click()
    expect(day).to_contain_text("休息")
    visit.close()


def test_a_workbook_goes_out_is_changed_and_comes_in(browser: Browser, address: str, tmp_path: object) -> None:
    visit = Visit(browser, address, "admin", viewport=DESKTOP)
    visit.go("/admin/exchange")
    with visit.page.expect_download() as started:
        visit.page.get_by_role("link", name="导出组织").click()
    path = f"{tmp_path}/organisation.xlsx"
    started.value.save_as(path)
    book = load_workbook(path)
    book["人员"].append(["newcomer", "新来的"])
    book.save(path)
    visit.page.set_input_files("[name=file]", path)
    visit.page.get_by_role("button", name="检查文件").click()
    expect(visit.page.get_by_text("共 1 条改动")).to_be_visible()
    visit.page.get_by_role("button", name="导入").click()
    visit.page.locator("#confirm [data-yes]").click()
    visit.page.locator(".toast-line", has_text="已导入，改动 1 条").wait_for()
    visit.go("/admin/people?q=newcomer")
    expect(visit.page.get_by_role("link", name="新来的")).to_be_visible()
    visit.close()


def test_the_search_of_a_list_is_one_key_away(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, "admin", viewport=DESKTOP)
    visit.go("/admin/people")
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("内科")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("link", name="蒋内科")).to_be_visible()
    expect(visit.page.get_by_role("link", name="韩外科")).to_have_count(0)
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_faults_of_administration(browser: Browser, address: str, scheme: str) -> None:
    visit = Visit(browser, address, "admin", viewport=DESKTOP, color_scheme=scheme, bypass_csp=True)
    faults = []
    for path in PAGES:
        visit.go(f"/admin{path}")
        visit.page.add_script_tag(path=AXE)
        found = visit.page.evaluate("axe.run({resultTypes: ['violations']})")
        faults += [
            (path, one["id"], one["nodes"][0]["target"])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    assert faults == []
    visit.close()
