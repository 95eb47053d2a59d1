"""A whole campaign, from the launch to the evidence bundle, as office, unit, inspector and leader see it."""

import hashlib
from io import BytesIO
from itertools import product
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.story import Story, saved
from tests.browser.visits import Visit
from tests.support.pictures import photo
from workflows.scenarios.files import make_file

DAYS = {
    "动员部署开始": "2026-09-16",
    "动员部署结束": "2026-09-18",
    "自查上报截止": "2026-09-24",
    "整改截止": "2026-10-16",
    "督查开始": "2026-10-12",
    "督查结束": "2026-10-16",
    "评定结束": "2026-10-23",
    "公示表彰结束": "2026-11-06",
}
UNITS = {"内科": "internal", "外科": "surgery", "药剂科": "pharmacy", "一病区": "ward-one"}
RESPONSIBLE = {
    "internal": "internal-director",
    "surgery": "surgery-director",
    "pharmacy": "pharmacy-director",
    "ward-one": "ward-one-nurse",
}
MARKS = {"internal": (19, 28, 28), "surgery": (18, 20, 27), "pharmacy": (17, 26, 25), "ward-one": (12, 10, 18)}
"""Organisation, self-check, rectification; the visit takes two points of the pharmacy's twenty."""


@pytest.mark.timeout(600)
def test_a_campaign_from_the_launch_to_the_evidence_bundle(story: Story, tmp_path: Path) -> None:
    _launch(story, tmp_path)
    _mobilise(story)
    _check_themselves(story, tmp_path)
    _report_late(story, tmp_path)
    _rectify(story, tmp_path)
    _move_a_phase(story)
    _inspect(story, tmp_path)
    _assess(story)
    _appeal(story)
    _object(story)
    _commend(story)
    _take_home(story)
    _look_round(story)


def _launch(story: Story, folder: Path) -> None:
    """The office picks the general plan, is told of a wrong date, ticks units and drafts; the leader agrees."""
    with story.desk("office") as office:
        page = office.page
        office.go("/start")
        page.get_by_placeholder("搜索流程").fill("通用")
        page.keyboard.press("Enter")
        page.locator("a.tile", has_text="专项行动（通用）").click()
        page.get_by_label("行动名称").fill("消防安全专项行动")
        for label, day in DAYS.items():
            page.get_by_label(label).fill(day)
        page.get_by_label("自查上报截止").fill("2026-09-17")
        expect(page.locator("#route")).to_contain_text("“自查自纠”的结束日早于开始日")
        page.get_by_label("自查上报截止").fill(DAYS["自查上报截止"])
        expect(page.locator("#route")).to_contain_text("2026-09-20 – 2026-09-24")
        office.picture("campaign-launch")
        page.locator("main form button.btn-primary").click()
        expect(page.get_by_role("alert")).to_contain_text("请勾选参加的单位")
        for unit in UNITS:
            page.get_by_role("checkbox", name=unit, exact=True).check()
        expect(page.locator(".unitgroup", has_text="临床科室").locator("[data-ticked]")).to_have_text("2")
        page.locator(".unitlist").scroll_into_view_if_needed()
        office.picture("campaign-units")
        page.locator("main form button.btn-primary").click()
        page.wait_for_url("**/campaigns/*")
        story.board = page.url
        expect(page.get_by_text("方案批准后，单位会出现在这里")).to_be_visible()
        office.open("拟定实施方案")
        page.get_by_label("行动目标").fill("查清火灾隐患，逐条整改销号。")
        page.get_by_label("工作要求").fill("单位负责人是第一责任人；每条问题整改前后都有照片。")
        page.get_by_label("实施方案文件").set_input_files(saved(make_file("a.docx")[0], folder, "实施方案.docx"))
        office.press("complete")
    with story.phone("head") as leader:
        leader.open("审批实施方案")
        expect(leader.page.get_by_text("实施方案.docx").first).to_be_attached()
        leader.confirm("a", "同意，按方案执行。")


def _mobilise(story: Story) -> None:
    """One unit reports on the phone, the others likewise."""
    story.day("2026-09-16")
    with story.phone("internal-director") as unit:
        unit.open("传达部署：内科")
        unit.page.get_by_label("传达日期").fill("2026-09-16")
        unit.page.get_by_label("参加人数").fill("18")
        unit.press("complete")
    for code in ("surgery", "pharmacy", "ward-one"):
        done = {"held_on": "2026-09-16", "attended": 12}
        story.does(RESPONSIBLE[code], "mobilise_unit", unit=code, data=done)


def _check_themselves(story: Story, folder: Path) -> None:
    """A unit reports findings with photos, the office reads it; one unit is late and is urged from the board."""
    story.day("2026-09-21")
    with story.desk("surgery-director") as unit:
        page = unit.page
        unit.open("自查上报：外科")
        for number, (level, text) in enumerate((("重大", "疏散通道堆放杂物"), ("一般", "灭火器压力不足"))):
            page.locator("[data-add]").click()
            row = page.locator(".rowset").nth(number)
            row.get_by_label("现场管理").check()
            row.get_by_label(level).check()
            row.locator("textarea").fill(text)
        page.get_by_label("佐证材料").set_input_files(saved(photo(150), folder, "通道.png"))
        page.get_by_label("自查情况").fill("自查两处隐患，已列入整改。")
        page.locator("[data-draft-note]", has_text="草稿已保存").wait_for()
        page.locator(".detail h1").scroll_into_view_if_needed()
        unit.picture("campaign-self-check")
        unit.press("complete")
    for code in ("internal", "pharmacy"):
        data = {"findings": [], "report": "未发现问题。"}
        story.does(RESPONSIBLE[code], "self_check", unit=code, data=data, files={"photos": "现场.png"})
        story.does("office", "review_report", "agree", unit=code)
    with story.desk("office") as office:
        office.open("外科")
        expect(office.page.get_by_text("疏散通道堆放杂物").first).to_be_visible()
        office.confirm("a", "情况属实。")
    story.day("2026-09-25")
    with story.desk("office") as office:
        office.page.goto(story.board)
        expect(office.page.get_by_role("row", name="一病区")).to_contain_text("逾期")
        office.picture("campaign-board")
        office.page.get_by_role("button", name="催办全部逾期").click()
        expect(office.page.get_by_text("已催办 3 项逾期事项")).to_be_visible()


def _report_late(story: Story, folder: Path) -> None:
    """The late unit finds the urging, and reports on the phone with a photo."""
    with story.phone("ward-one-nurse") as unit:
        page = unit.page
        unit.go("/notices")
        expect(page.get_by_text("催办（第 1 次）").first).to_be_visible()
        unit.open("自查上报：一病区")
        expect(page.locator(".detail .due", has_text="逾期")).to_be_visible()
        page.get_by_label("自查情况").fill("补报：未发现问题。")
        page.get_by_label("佐证材料").first.set_input_files(saved(photo(90), folder, "补报.png"))
        unit.press("complete")
    story.does("office", "review_report", "agree", unit="ward-one")


def _rectify(story: Story, folder: Path) -> None:
    """The unit plans and cures, the inspector sends it back once, then closes it; the ledger tells so, in Excel too."""
    with story.desk("surgery-director") as unit:
        for text in ("疏散通道", "灭火器"):
            unit.open(f"制定措施：{text}")
            unit.page.get_by_label("原因分析").fill("无人负责日常巡查")
            unit.page.get_by_label("整改措施").fill("清空通道，每日巡查并登记")
            unit.page.get_by_label("责任人").fill("韩外科")
            unit.press("complete")
    _cure(story, folder, "杂物已搬走")
    with story.phone("inspector-medical") as inspector:
        inspector.open("复核：疏散通道")
        inspector.page.fill("[name=opinion]", "照片里仍有纸箱，请清空。")
        inspector.picture("campaign-verify-phone")
        inspector.page.locator(".actionbar details.menu summary").click()
        inspector.press("reject")
    _cure(story, folder, "已全部清空")
    with story.phone("inspector-medical") as inspector:
        inspector.open("复核：疏散通道")
        inspector.confirm("a", "现场复核合格，予以销号。")
    with story.desk("office") as office:
        page = office.page
        page.goto(f"{story.board}/ledger")
        row = page.get_by_role("row", name="疏散通道堆放杂物")
        for words in ("现场管理", "已销号", "退回 1 次"):
            expect(row).to_contain_text(words)
        expect(page.get_by_text("2 个问题，1 个未销号")).to_be_visible()
        office.picture("campaign-ledger")
        sheet = load_workbook(BytesIO(_download(office, "ledger.xlsx"))).active
        assert sheet is not None
        rows = [[str(cell) for cell in line] for line in sheet.iter_rows(values_only=True)]
        assert any("疏散通道堆放杂物" in line and "已销号" in line for line in rows)


def _cure(story: Story, folder: Path, words: str) -> None:
    with story.phone("surgery-director") as unit:
        unit.open("落实整改：疏散通道")
        unit.page.get_by_label("整改情况").fill(words)
        unit.page.get_by_label("整改后照片").first.set_input_files(saved(photo(200), folder, "整改后.png"))
        unit.press("complete")


def _move_a_phase(story: Story) -> None:
    """The office asks for one more day of inspection, the leader agrees on the phone."""
    story.day("2026-10-09")
    with story.desk("office") as office:
        page = office.page
        page.goto(f"{story.board}/schedule")
        page.get_by_label("阶段", exact=True).select_option("inspect")
        page.get_by_label("新的结束日").fill("2026-10-17")
        page.get_by_label("理由").fill("国庆后人手不足")
        page.get_by_role("button", name="提交审批").click()
        expect(page.get_by_text("等待组长审批")).to_be_visible()
        page.reload()
        office.picture("campaign-schedule")
    with story.phone("head") as leader:
        page = leader.page
        page.goto(f"{story.board}/schedule")
        expect(page.locator(".moved")).to_contain_text("督查抽查")
        page.get_by_role("button", name="同意", exact=True).click()
        expect(page.get_by_text("已同意，期限和定时随之调整")).to_be_visible()


def _inspect(story: Story, folder: Path) -> None:
    """The draw stands on the page for everybody to see; an inspector visits with photos, and what is found is cured."""
    story.day("2026-10-12")
    with story.desk("office") as office:
        page = office.page
        page.goto(f"{story.board}/parts")
        page.locator("a.tile", has_text="督查安排").click()
        expect(page.locator("table.dense tbody tr")).to_have_count(2)
        expect(page.get_by_role("row", name="药剂科")).to_contain_text("金查药、魏查技")
        office.picture("campaign-inspections")
    with story.phone("inspector-pharmacy") as inspector:
        page = inspector.page
        inspector.open("现场检查：药剂科")
        page.locator("[data-add]").click()
        page.get_by_label("台账记录").check()
        page.get_by_label("一般").check()
        page.locator(".rowset textarea").fill("危化品台账漏记两天")
        page.get_by_label("现场照片").first.set_input_files(saved(photo(120), folder, "台账.png"))
        page.get_by_label("扣分问题数").fill("1")
        page.locator("[data-draft-note]", has_text="草稿已保存").wait_for()
        page.locator(".rowset").scroll_into_view_if_needed()
        inspector.picture("campaign-visit-phone")
        inspector.press("complete")
    nothing = {"findings": [], "faults": 0}
    story.does("inspector-medical", "inspect_unit", unit="internal", data=nothing, files={"photos": "现场.png"})
    plan = {"cause": "交接不清", "measures": "专人登记", "owner": "尤药剂"}
    story.does("pharmacy-director", "plan_measures", unit="pharmacy", data=plan)
    done = {"result": "已补齐并核对"}
    story.does("pharmacy-director", "rectify_finding", unit="pharmacy", data=done, files={"evidence_after": "后.png"})
    story.does("inspector-pharmacy", "verify_finding", "agree", unit="pharmacy")


def _assess(story: Story) -> None:
    """The office gives marks."""
    story.day("2026-10-20")
    with story.desk("office") as office:
        office.open("评分：内科")
        for label, points in zip(("组织领导", "自查质量", "整改成效"), MARKS["internal"], strict=True):
            office.page.get_by_label(label).first.fill(str(points))
        office.press("complete")
    for unit, points in list(MARKS.items())[1:]:
        marks = dict(zip(("organisation", "selfchecking", "rectification"), points, strict=True))
        story.does("office", "mark_unit", unit=unit, data=marks)


def _appeal(story: Story) -> None:
    """A unit appeals and is upheld in part; the score is explained point by point, the ranking follows."""
    with story.desk("surgery-director") as unit:
        unit.open("确认得分：外科 85 分")
        unit.page.get_by_label("申诉", exact=True).check()
        unit.page.get_by_label("自查质量").check()
        unit.page.get_by_label("申诉理由").fill("自查报告 9 月 21 日已上报，附有照片。")
        unit.picture("campaign-appeal")
        unit.press("complete")
    for code in ("internal", "pharmacy", "ward-one"):
        story.does(RESPONSIBLE[code], "confirm_score", unit=code, data={"answer": "accept"})
    with story.desk("office") as office:
        page = office.page
        office.open("复核申诉：外科")
        page.get_by_label("改判", exact=True).check()
        page.get_by_label("改判为").fill("28")
        page.get_by_label("答复").fill("核对收件记录，按时上报，改判 28 分。")
        office.press("complete")
        office.go_until(f"{story.board}/parts/scores", "93")
        row = page.get_by_role("row", name="外科")
        expect(row).to_contain_text("93")
        row.get_by_text("来历").click()
        expect(row).to_contain_text("自查质量 得 28，满分 30")
        office.picture("campaign-scores")
        page.goto(f"{story.board}/parts/ranks")
        expect(page.get_by_role("row", name="外科")).to_contain_text("93")
        page.goto(f"{story.board}/parts/appeals")
        appeal = page.get_by_role("row", name="外科")
        for words in ("改判", "核对收件记录，按时上报，改判 28 分。"):
            expect(appeal).to_contain_text(words)


def _object(story: Story) -> None:
    """The list is published; a unit objects on the phone, the office answers."""
    story.day("2026-10-26")
    with story.phone("pharmacy-director") as unit:
        page = unit.page
        page.goto(f"{story.board}/notices")
        page.get_by_text("提出异议").click()
        page.get_by_label("异议内容").fill("请核实内科现场照片的日期。")
        page.get_by_role("button", name="提交异议").click()
        expect(page.get_by_text("异议已提交")).to_be_visible()
        expect(page.get_by_label("核实情况和答复")).to_have_count(0)
    with story.desk("office") as office:
        page = office.page
        page.goto(f"{story.board}/notices")
        page.get_by_label("核实情况和答复").fill("照片原件日期为 10 月 13 日，属实。")
        office.picture("campaign-notice")
        page.get_by_role("button", name="不成立").click()
        expect(page.get_by_text("异议已处理")).to_be_visible()


def _commend(story: Story) -> None:
    """The notice is over: summary, the leader's approval of the list on the phone, the circular is published."""
    story.day("2026-11-03")
    with story.desk("office") as office:
        office.open("拟写总结")
        office.page.get_by_label("行动总结").fill("四个单位查出三处隐患，逐条整改。")
        office.press("complete")
    with story.phone("head") as leader:
        leader.open("审定表彰名单：内科")
        leader.picture("campaign-award-phone")
        leader.confirm("a", "同意表彰。")
    with story.desk("office") as office:
        office.open("印发通报并颁奖")
        office.page.locator("input[type=file][data-upload]").first.set_input_files(
            {"name": "通报.pdf", "mimeType": "application/pdf", "buffer": make_file("a.pdf")[0]}
        )
        office.press("complete")
        office.go_until(story.board, "完成")


def _take_home(story: Story) -> None:
    """Circular, score sheet and certificate say what was decided, and the evidence bundle proves itself."""
    with story.desk("office") as office:
        page = office.page
        page.goto(f"{story.board}/documents")
        office.picture("campaign-documents")
        circular = _download_of(office, "通报.docx", "下载")
        document = Document(BytesIO(circular))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        assert "四个单位查出三处隐患，逐条整改。" in [one.text for one in document.paragraphs]
        assert {"内科", "先进单位", "95", "临床科室"} <= set(cells)
        book = load_workbook(BytesIO(_download_of(office, "评分表.xlsx", "下载")))
        values = {str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line}
        assert {"外科", "93"} <= values
        assert _download_of(office, "通报.docx", "PDF").startswith(b"%PDF-")
        certificate = Document(BytesIO(_download_of(office, "证书", "下载")))
        assert any("被评为“先进单位”" in one.text for one in certificate.paragraphs)
        with ZipFile(BytesIO(_download(office, "archive.zip"))) as bundle:
            sums = bundle.read("SHA256SUMS").decode().splitlines()
            digests = dict(reversed(line.split("  ", 1)) for line in sums)
            assert digests
            for name, digest in digests.items():
                assert hashlib.sha256(bundle.read(name)).hexdigest() == digest, name
            assert any(name.endswith("整改后.png") for name in digests)


def _download(visit: Visit, ending: str) -> bytes:
    """Follow the link of this page whose address ends so."""
    return _get(visit, str(visit.page.locator(f"a[href*='{ending}']").first.get_attribute("href")))


def _download_of(visit: Visit, name: str, button: str) -> bytes:
    tile = visit.page.locator(".tile", has_text=name).first
    return _get(visit, str(tile.get_by_role("link", name=button).get_attribute("href")))


def _get(visit: Visit, path: str) -> bytes:
    answer = visit.context.request.get(f"{visit.address}{path}")
    assert answer.ok, path
    return answer.body()


def _look_round(story: Story) -> None:
    """No serious fault for axe in what only a whole campaign has to show, and nothing wider than the phone."""
    pages = ("/schedule", "/parts/scores", "/notices")
    with story.desk("office") as office:
        faults: list[str] = []
        for scheme, path in product(("light", "dark"), pages):
            office.page.emulate_media(color_scheme=scheme)
            office.page.goto(f"{story.board}{path}")
            faults += office.serious_faults()
        assert faults == [], "\n".join(faults)
    with story.phone("surgery-director") as unit:
        for path in ("", "/ledger", "/results", *pages):
            unit.page.goto(f"{story.board}{path}")
            assert unit.page.evaluate("document.documentElement.scrollWidth") <= 390, path
