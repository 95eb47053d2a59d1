"""The parts of a campaign in a real browser: trends are drawn, the ledger changes many at once, an Excel is refused."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, PHONE, Visit

SIZES = [pytest.param(DESKTOP, "light", id="desktop"), pytest.param(PHONE, "dark", id="phone")]


@pytest.mark.parametrize(("viewport", "theme"), SIZES)
def test_trends_and_records_are_read_on_every_screen(
    browser: Browser,
    address: str,
    viewport: dict,  # type: ignore[type-arg]
    theme: str,
) -> None:
    visit = Visit(browser, address, "head", viewport=viewport, color_scheme=theme, bypass_csp=True)
    visit.board()
    board = visit.page.url
    visit.page.goto(f"{board}/trends")
    expect(visit.page.locator(".chart svg")).to_have_count(3)
    visit.page.get_by_text("看数字").first.click()
    expect(visit.page.get_by_role("cell", name="整改督查")).to_be_visible()
    visit.speak("en")
    visit.page.reload()
    expect(visit.page.locator(".chart svg").first).to_contain_text("Self-check")
    expect(visit.page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
    for path in ("", "/schedule", "/results", "/trends", "/parts", "/ledger", "/notices", "/cascade", "/reports"):
        visit.page.goto(f"{board}{path}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert visit.serious_faults() == []
        if viewport == PHONE:
            expect(visit.page.get_by_role("table")).to_have_count(0)
            assert visit.small_targets() == []
    visit.close()


def test_chosen_findings_get_a_limit_and_a_wrong_workbook_changes_nothing(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    visit = Visit(browser, address, "head", viewport=DESKTOP)
    visit.board()
    visit.page.goto(f"{visit.page.url}/ledger")
    ledger = visit.page.url
    expect(visit.page.get_by_text("13 个问题")).to_be_visible()
    visit.page.get_by_label("选择 4", exact=True).filter(visible=True).check()
    visit.page.get_by_text("批量办理、Excel 登记").click()
    visit.page.get_by_placeholder("期限（工作日或日期）或责任人").fill("2")
    visit.page.get_by_role("button", name="设定期限").click()
    expect(visit.page.get_by_text("已办理 1 条问题。")).to_be_visible()
    expect(visit.page.get_by_role("row", name="部位标示颜色不统一")).to_contain_text("剩 2 个工作日")
    book = Workbook()
    book.active.append(["单位", "问题"])  # type: ignore[union-attr]
    book.active.append(["没有这个科", "漏签"])  # type: ignore[union-attr]
    book.save(tmp_path / "findings.xlsx")
    visit.page.get_by_text("批量办理、Excel 登记").click()
    visit.page.get_by_label("Excel 文件").set_input_files(tmp_path / "findings.xlsx")
    visit.page.get_by_role("button", name="从 Excel 登记").click()
    expect(visit.page.get_by_text("没有参加单位“没有这个科”")).to_be_visible()
    visit.page.goto(ledger)
    expect(visit.page.get_by_text("13 个问题")).to_be_visible()
    visit.close()
