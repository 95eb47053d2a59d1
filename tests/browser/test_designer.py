"""The process designer in a real browser: drawn from nothing, checked, tried, published, run; changed and migrated."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.designing import Designer
from tests.browser.visits import IMAGES, PHONE, Visit

KEY = "purchase"


def draw_form(designer: Designer) -> None:
    """A form with one field: how much it costs."""
    designer.add_file("form", "request")
    designer.page.locator(".fjs-palette-field[data-field-type=number]").press("Enter")
    designer.sheet.locator(".fjs-form-field-number").click()
    designer.unfold("general")
    designer.entry("label").locator("input, textarea, .cm-content").first.fill("金额")
    designer.text("key", "amount")
    designer.saved()
    designer.picture("designer-form")


def draw_decision(designer: Designer) -> None:
    """A table: below 1000 the office decides, else the leader; tried with a row on the server."""
    page = designer.page
    designer.add_file("dmn", "level")
    page.locator(".input-cell").first.dblclick()
    page.locator(".context-menu .cm-content").click()
    page.keyboard.type("amount")
    page.locator(".type-ref-edit input").click()
    page.locator(".dms-select-options .option", has_text="数字").click()
    page.keyboard.press("Escape")
    for row, (test, answer) in enumerate([("< 1000", '"office"'), ("", '"leader"')]):
        page.locator(".add-rule-add, .add-rule").first.click()
        for kind, text in (("input", test), ("output", answer)):
            page.locator(".tjs-table tbody tr").nth(row).locator(f"td.{kind}-cell").click()
            page.keyboard.type(text)
    page.locator(".trial-inputs input").fill("500")
    expect(page.locator(".trial-answer")).to_contain_text('"office"')
    page.locator(".trial-inputs input").fill("5000")
    expect(page.locator(".trial-answer")).to_contain_text("命中第 2 条规则")
    designer.saved()
    designer.picture("designer-decision")


def draw_process(designer: Designer) -> dict[str, str]:
    """Fill in, decide the level, and let the leader approve what is expensive. Return the elements' ids."""
    designer.tab(f"{KEY}.bpmn")
    designer.select("StartEvent_1")
    drawn = {"fill": designer.append("house-work", "填写申请")}
    designer.choose("form", "request")
    designer.people("assignee", "initiator")
    drawn["rule"] = designer.append("append-rule-task", "定层级")
    designer.choose("decisionRef", "level")
    designer.text("resultVariable", "level")
    drawn["gate"] = designer.append("append-exclusive-gateway", "要领导批吗？")
    drawn["approve"] = designer.append("house-approval", "领导审批")
    designer.choose("form", "request")
    designer.people("assignee", "group(leading, head)")
    drawn["end"] = designer.append("append-none-end-event", "办结")
    designer.connect(drawn["gate"], drawn["end"])
    designer.press("arrange")
    designer.saved()
    return drawn


def flow_between(designer: Designer, source: str, target: str) -> str:
    """Return the id of the sequence flow from one element to another, from the saved draft."""
    draft = designer.page.request.get(
        f"{designer.address}/designer/{KEY}/draft", headers={"Accept": "application/json"}
    )
    xml = draft.json()["files"][f"{KEY}.bpmn"]
    found = re.search(rf'<bpmn:sequenceFlow id="(\w+)" sourceRef="{source}" targetRef="{target}"', xml)
    assert found is not None
    return found[1]


def dry_run(designer: Designer) -> None:
    """Play the draft on the real engine with invented people, and record what was done as a scenario."""
    page = designer.page
    designer.press("sandbox")
    page.click("[data-do=begin]")
    page.click(".sandbox-tasks [data-action=complete]")
    page.locator("dialog[open] .fjs-form-field-number input").fill("800")
    page.click("dialog[open] button[value=complete]")
    expect(page.locator(".sandbox-bar .chip")).to_have_text("流程已结束")
    page.click("[data-do=undo]")
    page.click(".sandbox-tasks [data-action=complete]")
    page.locator("dialog[open] .fjs-form-field-number input").fill("5000")
    page.click("dialog[open] button[value=complete]")
    expect(page.locator(".djs-shape.token-here")).to_contain_text("领导审批")
    designer.picture("designer-dry-run")
    page.click(".sandbox-tasks [data-action=agree]")
    page.click("dialog[open] button[value=agree]")
    expect(page.locator(".sandbox-bar .chip")).to_have_text("流程已结束")
    page.click("[data-do=record]")
    page.locator("dialog[open] input").fill("五千元由领导批")
    page.click("dialog[open] button[value=yes]")
    expect(page.locator("[role=tab]", has_text="五千元由领导批.yaml")).to_be_visible()


def publish(designer: Designer, note: str) -> None:
    """Publish the draft with a note."""
    designer.press("publish")
    dialog = designer.page.locator("dialog[open]")
    dialog.locator("textarea").fill(note)
    dialog.locator("button[value=publish]").click()
    expect(designer.page.locator("dialog[open] h2")).to_contain_text("已发布")


def run_token(page: Page) -> None:
    """Send a token through the drawing and see it come to the end."""
    page.click(".designer-bar [data-act=simulate]")
    page.locator(".bts-context-pad[title='触发事件']:visible").first.click()
    expect(page.locator(".bts-log")).to_contain_text("流程 结束", timeout=30_000)
    page.screenshot(path=IMAGES / "designer-simulation.png")
    page.click(".designer-bar [data-act=simulate]")


def start(visit: Visit, amount: str) -> None:
    """Start the published process and fill in its form."""
    visit.go(f"/start/{KEY}")
    visit.page.locator("main form button.btn-primary").last.click()
    visit.page.wait_for_url("**/instances/*")
    visit.open("采购申请")
    visit.page.get_by_label("金额").fill(amount)
    visit.press("complete")


def test_a_process_is_drawn_checked_tried_published_and_finished_by_somebody_else(
    browser: Browser, address: str
) -> None:
    designer = Designer(browser, address)
    designer.create(KEY, "采购申请")
    draw_form(designer)
    draw_decision(designer)
    drawn = draw_process(designer)

    designer.press("publish")
    expect(designer.page.locator(".designer-banner")).to_contain_text("个错误，改好才能发布")
    designer.picture("designer-check")
    missing = designer.findings().filter(has_text="no-default")
    missing.locator(".fixes button").last.click()
    designer.saved()
    designer.page.locator("[data-dock=check] header button").click()
    designer.select_flow(flow_between(designer, drawn["gate"], drawn["approve"]))
    designer.feel("conditionExpression", 'level = "leader"')
    designer.saved()
    expect(designer.page.locator(".designer-bar [data-act=check]")).to_have_text("检查")

    run_token(designer.page)
    dry_run(designer)
    publish(designer, "第一版")
    designer.close()

    applicant = Visit(browser, address, "surgery-director")
    start(applicant, "5000")
    applicant.close()
    leader = Visit(browser, address, "head")
    leader.open("领导审批")
    leader.confirm("a")
    leader.wait_until_done("领导审批")
    leader.close()


def drag(page: Page, *fingers: tuple[int, int], by: int) -> None:
    """Put fingers on the page at these places and move each ``by`` pixels: one to the left, the second to the right."""
    hand = page.context.new_cdp_session(page)

    def touch(kind: str, moved: int) -> None:
        points = [{"x": x + moved * (-1, 1)[finger], "y": y} for finger, (x, y) in enumerate(fingers)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

    touch("touchStart", 0)
    for step in range(1, 5):
        touch("touchMove", by * step // 4)
    touch("touchEnd", by)


def test_a_phone_gets_the_package_to_look_at(browser: Browser, address: str) -> None:
    visit = Designer(browser, address, viewport=PHONE, has_touch=True, is_mobile=True)
    page = visit.page
    visit.open_package("s2-03-checking-rules", "?tab=finding.bpmn")
    shape = visit.sheet.locator(".djs-shape").nth(1)
    expect(shape).to_be_visible()
    assert page.locator(".djs-palette").count() == 0
    expect(page.locator(".designer-undone")).to_contain_text("要画，请用宽一些的屏幕")
    visit.picture("designer-phone")
    assert [one for one in visit.small_targets() if "bjs-powered-by" not in one] == []

    before = shape.bounding_box()
    drag(page, (300, 450), by=80)
    moved = shape.bounding_box()
    assert before
    assert moved
    assert before["x"] - moved["x"] == pytest.approx(80, abs=2)
    drag(page, (150, 450), (250, 450), by=50)
    zoomed = shape.bounding_box()
    assert zoomed
    assert zoomed["width"] == pytest.approx(2 * moved["width"], rel=0.05)

    visit.tab("award-line.dmn")
    expect(visit.sheet.locator(".tjs-table")).to_contain_text("是/否")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    visit.tab("drive-plan.form")
    expect(visit.sheet.get_by_label("活动目标")).to_be_visible()
    visit.close()


SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:duban="https://duban.dev/bpmn/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    id="definitions" targetNamespace="urn:duban">
  <bpmn:process id="purchase" name="采购申请" isExecutable="true">
    <bpmn:startEvent id="begin" /><bpmn:endEvent id="end" />
    <bpmn:userTask id="fill" name="填写申请" duban:kind="work" camunda:assignee="initiator" />
    <bpmn:userTask id="approve" name="领导审批" duban:kind="approval" camunda:assignee="group(leading, head)" />
    <bpmn:sequenceFlow id="first" sourceRef="begin" targetRef="fill" />
    <bpmn:sequenceFlow id="second" sourceRef="fill" targetRef="approve" />
    <bpmn:sequenceFlow id="third" sourceRef="approve" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>
"""


def put(designer: Designer, path: str, text: str) -> None:
    """Save a file as somebody else's tab would, and open the editor anew."""
    designer.page.evaluate(
        """async ([path, text]) => {
          const headers = {
            Accept: 'application/json',
            'Content-Type': 'application/json',
            'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content,
          };
          const draft = await (await fetch('draft', { headers })).json();
          const body = JSON.stringify({ version: draft.version, files: { [path]: text } });
          await fetch('draft', { method: 'PUT', headers, body });
        }""",
        [path, text],
    )


def test_a_changed_version_is_compared_published_and_running_instances_migrate(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    put(designer, f"{KEY}.bpmn", SMALL)
    designer.open_package(KEY)
    expect(designer.sheet.locator(".djs-shape[data-element-id=approve]")).to_be_visible()
    publish(designer, "第一版")
    designer.go(f"/start/{KEY}")
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url("**/instances/*")
    instance = page.url

    designer.open_package(KEY)
    designer.select("approve")
    designer.unfold("general")
    designer.text("name", "主要领导审批")
    designer.saved()
    designer.press("compare")
    page.click("dialog[open] button[value=show]")
    expect(page.locator(".compare-list li")).to_contain_text("主要领导审批")
    expect(page.locator(".compare-stage .diff-changed")).to_have_count(2)
    designer.picture("designer-compare")
    page.locator(".compare-dialog header button").click()

    publish(designer, "改名")
    page.click("dialog[open] button[value=migrate]")
    page.wait_for_url("**/operations/migrate?**")
    page.fill("[name=reason]", "换成新的名称")
    page.click("button[value=preview]")
    page.click("button[value=apply]")
    page.click("#confirm [data-yes]")
    page.wait_for_url("**/operations/batches/*")
    designer.go(instance.removeprefix(address))
    designer.open("采购申请")
    page.locator(".actionbar button[value=complete]").click()
    page.wait_for_selector(".toast-line")
    designer.close()
    leader = Visit(browser, address, "head")
    leader.open("主要领导审批")
    leader.close()


def test_two_tabs_never_overwrite_each_other_and_both_texts_stay(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    put(designer, f"{KEY}.bpmn", SMALL)
    designer.open_package(KEY)
    put(designer, f"{KEY}.bpmn", SMALL.replace("填写申请", "别人改的"))
    designer.select("fill")
    designer.unfold("general")
    designer.text("name", "我改的")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("别人已保存了新的草稿")
    page.click("dialog[open] button[value=see]")
    expect(page.locator(".compare-list")).to_contain_text("我改的")
    page.locator(".compare-dialog header button").click()
    page.click("dialog[open] button[value=copy]")
    designer.saved()
    expect(page.locator("[role=tab]", has_text=f"{KEY}-copy.bpmn")).to_be_visible()
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("别人改的")
    designer.tab(f"{KEY}-copy.bpmn")
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("我改的")
    designer.close()


def test_a_broken_file_opens_with_a_sentence_and_its_last_good_text(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    designer.create(KEY, "采购申请")
    put(designer, f"{KEY}.bpmn", SMALL)
    put(designer, f"{KEY}.bpmn", SMALL[:700])
    designer.open_package(KEY)
    expect(designer.page.locator(".designer-banner")).to_contain_text("读不出来")
    expect(designer.sheet.locator(".djs-shape[data-element-id=approve]")).to_be_visible()
    designer.page.get_by_role("button", name="修改那份文字").click()
    expect(designer.sheet.locator("textarea")).to_have_value(re.compile("领导审批"))
    designer.close()


def test_what_cannot_be_saved_stays_on_the_computer(browser: Browser, address: str) -> None:
    designer = Designer(browser, address)
    page = designer.page
    designer.create(KEY, "采购申请")
    put(designer, f"{KEY}.bpmn", SMALL)
    designer.open_package(KEY)
    page.route("**/draft", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    designer.select("fill")
    designer.unfold("general")
    designer.text("name", "没有网络时改的")
    expect(page.locator(".save-state")).to_contain_text("没有保存")
    page.on("dialog", lambda one: one.accept())
    page.unroute("**/draft")
    page.reload()
    page.click("dialog[open] button[value=take]")
    designer.saved()
    expect(designer.sheet.locator(".djs-shape[data-element-id=fill]")).to_contain_text("没有网络时改的")
    designer.close()
