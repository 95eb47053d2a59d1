"""A campaign whose findings come from a workbook, each with a process of its own."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from sqlalchemy import func, select

from engine.instances.models import Instance
from engine.store import Database
from engine.work.models import Errand
from tests.support.campaigns import Launched, launched
from workflows.findings.bulk import Entered, enter_workbook
from workflows.findings.models import Finding
from workflows.findings.starting import start_some

PLAN = """
name: 检查行动
launch: {parameters: [{name: year, type: integer, required: true}, {name: days, type: integer, default: 7}]}
units: {kinds: [class]}
roles: [{code: teacher, name: 班主任, rule: post(head)}]
phases:
  - code: study
    name: 自查
    starts: --03-02
    ends: --04-30
    steps: [{each: 各班自查, code: classes, steps: [{work: 自查, code: look, who: teacher}]}]
processes:
  - code: cure
    name: 问题整改
    starts: call
    steps:
      - {service: finding.update, name: 开始整改, with: {state: rectifying}}
      - {work: 落实整改, code: rectify, who: teacher, title: '=finding_text + " " + study_ends + " " + string(days)'}
      - {service: finding.update, name: 待复核, with: {state: verifying}}
      - {service: finding.update, name: 销号, with: {state: closed}}
  - {code: ask, name: 申请, starts: person, steps: [{work: 申请, code: write, who: initiator}]}
"""
LEDGER = "ledger: {process: cure}\n"
UNITS = [{"kind": "class", "names": {"c1": "一班", "c2": "二班"}, "posts": ["head"]}]


def world_of(database: Database, plan: str = PLAN + LEDGER) -> Launched:
    """Launch the campaign."""
    return launched(database, plan, UNITS)


def workbook_of(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook of units and texts."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("单位", "问题"), *rows):
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def enter(world: Launched, number: int, who: str = "organiser") -> Entered:
    """Enter so many findings, turn by turn for each unit: 第0条, 第1条, …"""
    content = workbook_of([(f"c{1 + n % 2}", f"第{n}条") for n in range(number)])
    return enter_workbook(world.engine, campaign_id=world.campaign.id, actor_id=world.logins[who], content=content)


def findings_of(world: Launched) -> list[Finding]:
    """Return the findings by their numbers."""
    with world.engine.db.read() as session:
        return list(session.scalars(select(Finding).order_by(Finding.number)))


def cures(world: Launched) -> int:
    """Count the findings' instances."""
    with world.engine.db.read() as session:
        return session.scalar(select(func.count()).where(Instance.process_id == "cure")) or 0


def one_chunk(world: Launched) -> None:
    """Do the errand alone, as a worker does that is killed afterwards."""
    with world.engine.db.write() as session:
        errand = session.scalars(select(Errand)).one()
        session.expunge(errand)
        session.delete(session.get_one(Errand, errand.id))
        session.flush()
        start_some(world.engine, session, errand)
