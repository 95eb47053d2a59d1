"""Loading the demonstration: every state comes from operations that people could have done on the pages."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from engine.clock.shared import DEMONSTRATION_OFFSET, DatabaseClock, DemonstrationClock
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish
from engine.runtime import Engine
from engine.store.settings import get_setting, put_setting
from workflows.campaigns.launch import launch
from workflows.demonstration.people import PEOPLE, create_organisation
from workflows.demonstration.stage import MovableClock, Stage
from workflows.organisation.models import Person
from workflows.organisation.tree import LOCAL

LIBRARY = Path(__file__).parents[2] / "bpmn"
PACKAGE = LIBRARY / "s2-03-checking-rules"
GENERAL = LIBRARY / "general-campaign"
"""Lies ready to be launched."""
YEAR = 2026
LOADED = "demonstration-loaded"
NOTHING_FOUND = "本科室七项制度均已落实，未发现问题。"

# unit, who is responsible there, and what the self-check found: item, level, text.
SELF_CHECKS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "internal",
        "internal-director",
        (("5", "general", "口头医嘱复述后未及时补记"), ("4", "major", "夜间输液前只核对床号")),
    ),
    (
        "surgery",
        "surgery-director",
        (("2", "major", "手术离室前核查由一人代签"), ("3", "general", "部位标示颜色不统一")),
    ),
    ("obstetrics", "obstetrics-director", (("4", "major", "新生儿腕带字迹模糊"),)),
    ("paediatrics", "paediatrics-director", (("5", "general", "小剂量药物换算未双人核对"),)),
    ("emergency", "emergency-director", (("7", "severe", "危急值电话记录缺复读确认"),)),
    ("pharmacy", "pharmacy-director", (("1", "general", "发药查对登记有漏项"),)),
    ("laboratory", "laboratory-director", (("6", "general", "夜班报告单人审核"),)),
    ("imaging", "imaging-director", ()),
    ("ward-one", "ward-one-nurse", (("5", "general", "给药执行单漏签时间"),)),
    ("operating-room", "operating-nurse", (("2", "severe", "器械清点记录事后补填"),)),
    ("infusion", "infusion-nurse", (("4", "general", "换瓶时未再次问姓名"),)),
)
LATE_UNIT, LATE_PERSON = "ward-two", "ward-two-nurse"


def load_demonstration(engine: Engine) -> None:
    """Load people and a campaign on its eleventh day; a database that has people already stays as it is.

    Needs a clock that can be moved (``DemonstrationClock``); it then shows 15 September 2026, 14:00 in Shanghai.
    """
    with engine.db.read() as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            return
    clock = _start_at(engine, _at(8, 31, 9))
    with engine.db.write() as session:
        create_organisation(session)
    for folder in (PACKAGE, GENERAL):
        publish(engine, read_folder(folder), by=None, note="演示")
    stage = Stage(engine, clock)
    _approve_plan(stage)
    _self_check(stage)
    _rectify(stage)
    stage.move_to(_at(9, 15, 14))
    with engine.db.write() as session:
        put_setting(session, LOADED, clock.now().isoformat())


def demonstration_loaded(engine: Engine) -> bool:
    """Say whether the demonstration was loaded to its end."""
    with engine.db.read() as session:
        return get_setting(session, LOADED) is not None


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(YEAR, month, day, hour, minute, tzinfo=LOCAL)


def _start_at(engine: Engine, instant: datetime) -> MovableClock:
    """Set the demonstration's clock, back too: nothing has happened in this database yet."""
    if isinstance(engine.clock, DemonstrationClock):
        offset = instant - DatabaseClock(engine.db).now()
        with engine.db.write() as session:
            put_setting(session, DEMONSTRATION_OFFSET, str(offset.total_seconds()))
        engine.clock.advance(timedelta(0))
        return engine.clock
    clock = cast("MovableClock", engine.clock)
    clock.advance_to(instant)
    return clock


def _approve_plan(stage: Stage) -> None:
    launch(
        stage.engine,
        package_key=PACKAGE.name,
        parameters={"year": YEAR, "seed": f"示范医院-{YEAR}"},
        initiator_id=stage.people["office"],
    )
    plan: dict[str, Any] = {
        "goal": "落实查对制度，防止患者身份、用药、手术和检查报告差错。",
        "requirements": "各科室先学后查，边查边改；问题逐条登记，整改前后留存材料；考核小组复核后销号。",
    }
    stage.settle()
    stage.act("office", "draft_plan", data=plan, files={"plan_file": "实施方案.docx"})
    for login in ("deputy-medical", "deputy-nursing", "deputy-pharmacy"):
        stage.act(login, "countersign", "agree")
    stage.move_to(_at(8, 31, 15))
    stage.act("deputy-technology", "countersign", "return", text="请写明医技科室报告审核由谁复核", target="draft_plan")
    plan["requirements"] += "医技科室检查报告由高年资人员复核。"
    stage.act("office", "draft_plan", data=plan, files={"plan_file": "实施方案（修改）.docx"})
    stage.move_to(_at(9, 1, 9))
    stage.act("deputy-technology", "countersign", "agree", text="同意")
    stage.act("head", "approve_plan", "agree", text="按方案执行")


def _self_check(stage: Stage) -> None:
    for number, (unit, login, _) in enumerate(SELF_CHECKS):
        stage.move_to(_at(9, 7 + number % 3, 9 + number % 4))
        _study(stage, unit, login, f"{YEAR}-09-{7 + number % 3:02d}")
    _study(stage, LATE_UNIT, LATE_PERSON, f"{YEAR}-09-09")
    stage.move_to(_at(9, 10, 9))
    for unit, login, found in SELF_CHECKS:
        _report(stage, unit, login, found)
    stage.move_to(_at(9, 11, 9))
    stage.act("medical-officer", "review_report", "return", unit="pharmacy", text="请补充原因分析", target="self_check")
    for unit, _, _ in SELF_CHECKS:
        if unit != "pharmacy":
            nursing = unit in ("ward-one", "ward-two", "operating-room", "infusion")
            stage.act("nursing-officer" if nursing else "medical-officer", "review_report", "agree", unit=unit)
    stage.move_to(_at(9, 11, 15))
    _report(stage, "pharmacy", "pharmacy-director", SELF_CHECKS[5][2], cause="高峰时段一人发药，缺少复核。")
    stage.act("medical-officer", "review_report", "agree", unit="pharmacy", text="原因已补充")


def _study(stage: Stage, unit: str, login: str, day: str) -> None:
    data = {"held_on": day, "topic": "十八项核心制度之查对制度", "attended": 12}
    stage.act(login, "study", unit=unit, data=data, files={"sign_in": "签到表.pdf", "minutes": "会议记录.docx"})


def _report(
    stage: Stage, unit: str, login: str, found: tuple[tuple[str, str, str], ...], *, cause: str = "人员新、提醒不足。"
) -> None:
    problems = {item for item, _, _ in found}
    data: dict[str, Any] = {f"item_{n}": "problem" if str(n) in problems else "met" for n in range(1, 8)}
    data["findings"] = [{"item": item, "level": level, "text": text, "cause": cause} for item, level, text in found]
    data["report"] = f"自查发现 {len(found)} 项问题，已逐条分析原因并定出整改办法。" if found else NOTHING_FOUND
    stage.act(login, "self_check", unit=unit, data=data, files={"report_file": "自查整改报告.docx"})


def _rectify(stage: Stage) -> None:
    stage.move_to(_at(9, 14, 9))
    planned = [
        ("internal", "internal-director", "口头医嘱"),
        ("internal", "internal-director", "夜间输液"),
        ("surgery", "surgery-director", "一人代签"),
        ("emergency", "emergency-director", "危急值"),
        ("laboratory", "laboratory-director", "夜班报告"),
        ("ward-one", "ward-one-nurse", "给药执行单"),
        ("operating-room", "operating-nurse", "器械清点"),
    ]
    names = {login: name for login, name, *_ in PEOPLE}
    for unit, login, text in planned:
        data = {
            "cause": "流程提醒不足",
            "measures": "修订流程，每班抽查并登记",
            "owner": names[login],
            "due": f"{YEAR}-09-22",
        }
        stage.act(login, "plan_measures", unit=unit, containing=text, data=data)
    stage.move_to(_at(9, 14, 16))
    for unit, login, text in planned[3:]:
        files = {"evidence_before": "整改前.png", "evidence_after": "整改后.png"}
        stage.act(login, "rectify", unit=unit, containing=text, data={"done": "已按措施落实并培训"}, files=files)
    stage.move_to(_at(9, 15, 10))
    stage.act("inspector-medical", "verify", "agree", unit="emergency", text="现场核实，予以销号")
    stage.act("inspector-technology", "verify", "agree", unit="laboratory", text="予以销号")
    stage.act("inspector-nursing", "verify", "reject", unit="operating-room", text="抽查仍有补填，请继续整改")
    stage.act(
        "inspector-pharmacy",
        "inspect",
        unit="pharmacy",
        data={
            "method": ["workflow"],
            "findings": [{"item": "1", "level": "major", "text": "相似药品未分开放置", "cause": ""}],
        },
    )
