"""The files of a package in a browser: undone tab by tab, renamed, deleted, brought back; exported; rolled back."""

import json

from playwright.sync_api import Browser, expect

from tests.browser.designing import Designer
from tests.browser.test_designer import SMALL, publish, put
from tests.browser.visits import Visit

KEY = "purchase"
MAIN = f"{KEY}.bpmn"
OTHER = SMALL.replace('"purchase"', '"second"').replace("填写申请", "另一张图")
FORM = {"schemaVersion": 19, "type": "default", "id": "f", "components": []}


def rename(designer: Designer, element: str, name: str) -> None:
    """Give an element of the shown diagram another name."""
    designer.select(element)
    designer.unfold("general")
    designer.text("name", name)
    expect(designer.sheet.locator(f".djs-shape[data-element-id={element}]")).to_contain_text(name)


def file_dialog(designer: Designer, operation: str) -> None:
    """Press the pencil or the bin beside the tabs."""
    designer.page.get_by_role("button", name=operation).click()


def saved(designer: Designer, path: str, key: str = KEY) -> str:
    """Return a file of the draft as the server exports it."""
    return designer.page.request.get(f"{designer.address}/designer/{key}/files/{path}").text()


def test_files_clicked_quickly_or_without_network_open_well_in_the_end(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    for path, text in ((MAIN, SMALL), ("second.bpmn", OTHER), ("request.form", json.dumps(FORM)), ("notes.md", "记录")):
        put(designer, path, text)
    designer.open_package(KEY, "?tab=notes.md")
    page.evaluate(
        "names => names.forEach((name) => document.getElementById(`tab-${name}`).click())",
        ["second.bpmn", MAIN, "notes.md"],
    )
    expect(designer.sheet).to_have_attribute("data-kind", "text")
    designer.tab("second.bpmn")
    palette = designer.sheet.locator(".djs-palette").bounding_box()
    start = designer.sheet.locator(".djs-shape").first.bounding_box()
    assert palette is not None
    assert start is not None
    assert start["x"] > palette["x"] + palette["width"]

    designer.context.set_offline(True)
    page.locator("[id='tab-request.form']").click()
    expect(page.locator(".designer-banner")).to_contain_text("request.form 的编辑器没有加载出来")
    designer.context.set_offline(False)
    designer.tab("request.form")
    expect(designer.sheet).to_have_attribute("data-kind", "form")
    designer.close()


def test_each_tab_undoes_its_own_and_files_come_back(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    shown = SMALL.replace('id="fill"', 'id="fill" duban:form="request"')
    for path, text in ((MAIN, shown), ("second.bpmn", OTHER), ("request.form", json.dumps(FORM))):
        put(designer, path, text)
    designer.open_package(KEY)
    rename(designer, "fill", "第一张改了")
    designer.tab("second.bpmn")
    rename(designer, "fill", "第二张改了")
    designer.tab(MAIN)
    designer.press("undo")
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("填写申请")
    designer.tab("second.bpmn")
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("第二张改了")

    file_dialog(designer, "删除 second.bpmn")
    undone = page.locator(".designer-undone")
    expect(undone).to_contain_text("已删除 second.bpmn")
    designer.tab("request.form")
    undone.get_by_role("button", name="撤销").click()
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("第二张改了")

    designer.tab("request.form")
    file_dialog(designer, "重命名 request.form")
    page.locator("dialog[open] input").fill("application")
    page.click("dialog[open] button[value=rename]")
    expect(undone).to_contain_text("application.form")
    designer.saved()
    assert 'duban:form="application"' in saved(designer, MAIN)
    undone.get_by_role("button", name="撤销").click()
    designer.tab("request.form")
    designer.saved()
    assert 'duban:form="request"' in saved(designer, MAIN)
    designer.close()


def test_an_exported_diagram_opens_without_warnings_and_comes_back_the_same(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    put(designer, MAIN, SMALL)
    designer.open_package(KEY)
    rename(designer, "fill", "画过的")
    designer.saved()
    exported = saved(designer, MAIN)
    assert 'name="画过的"' in exported
    assert "bpmndi:BPMNPlane" in exported

    designer.create("copied", "抄来的")
    page.evaluate(
        """async (text) => {
          const token = document.querySelector('meta[name=csrf-token]').content;
          const headers = { Accept: 'application/json', 'X-CSRFToken': token };
          const { version } = await (await fetch('draft', { headers })).json();
          const body = new FormData();
          body.set('version', version);
          body.set('replace', 'true');
          body.set('file', new File([text], 'copied.bpmn'));
          await fetch('import', { method: 'POST', headers, body });
        }""",
        exported,
    )
    assert saved(designer, "copied.bpmn", "copied") == exported
    designer.open_package("copied")
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("画过的")
    expect(page.locator(".designer-banner")).to_be_empty()
    rename(designer, "fill", "又改")
    designer.press("undo")
    rename(designer, "approve", "领导审批")
    designer.saved()
    assert saved(designer, "copied.bpmn", "copied") == exported
    designer.close()


def test_a_rollback_is_a_publication_and_a_remark_calls_somebody(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    put(designer, MAIN, SMALL)
    designer.open_package(KEY)
    publish(designer, "第一版")
    page.locator("dialog[open] button[type=button]").click()
    rename(designer, "approve", "主要领导审批")
    designer.saved()
    publish(designer, "第二版")
    page.locator("dialog[open] button[type=button]").click()
    designer.press("history")
    entries = page.locator("[data-dock=history] [data-version]")
    entries.nth(1).get_by_role("button", name="重新发布这一版").click()
    page.locator("dialog[open] textarea").fill("第二版有误")
    page.click("dialog[open] button[value=publish]")
    expect(page.locator("dialog[open] h2")).to_contain_text("已发布第 1 版")
    page.locator("dialog[open] button[type=button]").click()
    expect(entries).to_have_count(3)
    expect(entries.first).to_contain_text("回到第 1 版")
    expect(entries.first).to_contain_text("第二版有误")
    expect(designer.sheet.locator(".djs-shape[data-element-id=approve]")).to_contain_text("领导审批")
    designer.picture("designer-history")

    designer.press("comments")
    page.locator("#designer-comment").fill("已写的字")
    designer.select("approve")
    expect(page.locator(".comment-form label").first).to_have_text("评论“领导审批”")
    expect(page.locator("#designer-comment")).to_have_value("已写的字")
    page.locator("#designer-comment").fill("")
    page.locator("#designer-comment").press_sequentially("@郑")
    page.locator(".offered [role=option]", has_text="郑办事").click()
    page.locator("#designer-comment").press_sequentially("请看这一步")
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".threads .mention")).to_have_text("@郑办事")
    expect(page.locator(".threads .where")).to_have_text("领导审批")
    expect(page.locator("#designer-comment")).to_have_value("")
    designer.close()

    called = Visit(browser, address, "office", viewport={"width": 1440, "height": 900})
    called.go("/notices")
    called.page.get_by_text("的评论里提到您").first.click()
    expect(called.page.locator("[data-dock=comments] .threads")).to_contain_text("请看这一步")
    called.close()
