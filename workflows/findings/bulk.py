"""Many findings at once: limits, owners and urging for a whole selection, and entering them from a workbook."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.errors import Conflict, InvalidInput
from engine.instances.idempotency import first_response, keep_response, once
from engine.instances.models import Instance
from engine.instances.start import SYSTEM_ACTOR
from engine.runtime import Engine
from engine.tasks.models import Notice
from engine.wording import listed, say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.findings.items import item_names
from workflows.findings.ledger import LEVEL_NAMES, SOURCE_NAMES
from workflows.findings.limits import limit_end, limit_of
from workflows.findings.models import Finding, FindingLevel, FindingSource, FindingState
from workflows.findings.office import going_on, office_campaign
from workflows.findings.section import process_of
from workflows.findings.service import LONGEST_TEXT, numbers_for, rectification_ends
from workflows.findings.starting import start_later
from workflows.organisation.models import Person, Unit
from workflows.spreadsheet import workbook

MOST = 10_000
"""Findings of one bulk change or one workbook."""
HEADINGS = ("单位", "检查项目", "等级", "来源", "问题", "整改措施", "责任人", "整改期限")
_BULK = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row of a workbook; ``line`` as the spreadsheet counts."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Entered:
    """How many findings a workbook brought, and the process that starts for each; empty: they stay rows."""

    count: int
    process: str


class WorkbookRefused(InvalidInput):
    """Rows of the workbook are wrong; nothing was entered."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(
            say("表格有 {number} 处错误，没有登记任何一条", number=len(errors)),
            {say("第 {line} 行", line=error.line): error.message for error in errors[:100]},
        )
        self.errors = tuple(errors)


def change_many(
    engine: Engine, change: Callable[..., int], *, campaign_id: int, actor_id: int, ids: Sequence[int],
    key: str | None = None, **values: str,
) -> int:  # fmt: skip
    """Make one of the changes below in a transaction of its own; returns how many findings it changed.

    ``key`` is the request's idempotency key: the same request again changes nothing more.
    """

    def act(session: Session) -> dict[str, int]:
        at = engine.clock.now()
        return {"count": change(session, campaign_id=campaign_id, actor_id=actor_id, ids=ids, at=at, **values)}

    request = [change.__name__, campaign_id, list(ids), values]
    return int(once(engine, act, key=key, actor_id=actor_id, request=request)["count"])


def set_limits(
    session: Session, *, campaign_id: int, actor_id: int, ids: Sequence[int], limit: str, at: datetime
) -> int:
    """Set the limit of many findings that are not closed, in one statement; returns how many."""
    office_campaign(session, campaign_id, actor_id, at)
    due = limit_end(limit, at, WorkingCalendar())
    return _change(session, campaign_id, ids, {"due": due, "limit_set_at": at})


def set_owner(
    session: Session, *, campaign_id: int, actor_id: int, ids: Sequence[int], owner: str, at: datetime
) -> int:
    """Give many findings that are not closed an owner, by login or name; returns how many."""
    office_campaign(session, campaign_id, actor_id, at)
    return _change(session, campaign_id, ids, {"owner_id": _person(session, owner)})


def urge_many(session: Session, *, campaign_id: int, actor_id: int, ids: Sequence[int], at: datetime) -> int:
    """Urge many findings that are not closed: one count more, and one notice a person, not one a finding."""
    office_campaign(session, campaign_id, actor_id, at)
    changed = _change(session, campaign_id, ids, {"urged_count": Finding.urged_count + 1})
    owned = session.execute(
        select(Finding.owner_id, Finding.instance_id).where(
            Finding.campaign_id == campaign_id,
            Finding.id.in_(ids),
            Finding.state != FindingState.CLOSED,
            Finding.owner_id.is_not(None),
        )
    ).all()
    numbers: dict[int, int] = {}
    instances = {row.owner_id: row.instance_id for row in owned}
    for row in owned:
        numbers[row.owner_id] = numbers.get(row.owner_id, 0) + 1
    session.add_all(
        Notice(
            person_id=person_id,
            kind="notice",
            title=say("催办：您有 {number} 条问题尚未销号", number=number),
            instance_id=instances[person_id],
            created_at=at,
        )
        for person_id, number in numbers.items()
    )
    session.flush()
    return changed


def template_workbook() -> bytes:
    """Return an empty workbook with the headings that :func:`enter_workbook` reads."""
    return workbook([("问题", [(heading, 22) for heading in HEADINGS], [])])


def enter_workbook(
    engine: Engine, *, campaign_id: int, actor_id: int, content: bytes, key: str | None = None
) -> Entered:
    """Enter the rows of a workbook into the ledger: all of them, or none with a list of what is wrong.

    Columns are found by their headings; 单位 (code or name) and 问题 are needed, the others may be empty. Without a
    limit the plan's limit of the level counts, else the end of the rectification phase. The plan's process then starts
    for each in the background. A workbook is entered into a campaign once: the same request again, with the same
    ``key``, gets the first answer, and whoever else brings the same file is refused.

    Raises
    ------
    WorkbookRefused
        Rows are wrong; each is named.
    NotAllowed
        The actor does not see the whole campaign, or it is suspended or over.
    Conflict
        This very file was entered before.

    """
    with engine.db.read() as session:
        going_on(session, campaign_id, actor_id, engine.clock.now())
    rows = _read(content)
    with engine.db.write() as session:
        at = engine.clock.now()
        campaign, root = going_on(session, campaign_id, actor_id, at)
        process = _process(engine, session, campaign, root)
        session.refresh(campaign, with_for_update=True)
        earlier = _EnteredBefore(session, campaign, content)
        if (entered := earlier.answer(actor_id, key)) is not None:
            return entered
        found = _findings(session, campaign, rows, at)
        first = numbers_for(session, campaign_id, len(found))
        for number, values in enumerate(found, start=first):
            values |= {"number": number, "found_by": actor_id, "origin_instance_id": root.id}
        session.execute(insert(Finding), found)
        if process:
            start_later(session, campaign=campaign, process=process, first=first, last=first + len(found) - 1, at=at)
        entered = Entered(len(found), process)
        earlier.keep(engine, entered, actor_id, key)
    engine.bell.ring()
    return entered


class _EnteredBefore:
    """Remembers the workbooks of a campaign, whoever enters them; the campaign's row is locked."""

    def __init__(self, session: Session, campaign: Campaign, content: bytes) -> None:
        self._session = session
        self._digest = sha256(content).hexdigest()
        self._known: Any = {"key": f"findings:{campaign.id}:{self._digest}", "actor_id": SYSTEM_ACTOR}

    def answer(self, actor_id: int, key: str | None) -> Entered | None:
        """Return the first answer to a repeated request, None for a new file; raises Conflict for one that is known."""
        first = first_response(self._session, digest=self._digest, **self._known)
        if first is None:
            return None
        if key is None or (actor_id, key) != (first["actor_id"], first["key"]):
            who = self._session.get_one(Person, first["actor_id"])
            raise Conflict(
                say(
                    "这份表格已由{name}登记过（{count} 条），没有再登记。确实要再登记，请改动表格后再上传",
                    name=who.name,
                    count=first["count"],
                )
            )
        return Entered(first["count"], first["process"])

    def keep(self, engine: Engine, entered: Entered, actor_id: int, key: str | None) -> None:
        """Remember who entered the file and what came of it."""
        response = {**asdict(entered), "actor_id": actor_id, "key": key}
        keep_response(engine, self._session, digest=self._digest, response=response, **self._known)


def _process(engine: Engine, session: Session, campaign: Campaign, root: Instance) -> str:
    """Return the process that the plan has for findings from outside; one that is not in the package is refused."""
    process = process_of(campaign.plan)
    if process and process not in engine.packages.get(session, root.package_version_id).processes:
        raise InvalidInput(say("方案的 ledger.process 写的流程“{process}”不在流程包里", process=process))
    return process


def _findings(
    session: Session, campaign: Campaign, rows: Sequence[tuple[int, Mapping[str, Any]]], at: datetime
) -> list[dict[str, Any]]:
    """Return the values of each row's finding; raises WorkbookRefused."""
    reading = _Reading(campaign, _units(session, campaign), _items(campaign), at)
    found, errors = [], []
    for line, row in rows:
        try:
            found.append(reading.finding(session, row))
        except InvalidInput as error:
            errors.append(RowError(line, str(error)))
    if errors:
        raise WorkbookRefused(errors)
    if not found:
        raise InvalidInput(say("表格里没有问题"))
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    campaign: Campaign
    units: Mapping[str, int]
    items: Mapping[str, str]
    at: datetime
    ends: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    """Ends of limits by the limit and the level that is asked for: ten thousand rows have few of them."""

    def finding(self, session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a finding; raises InvalidInput with what is wrong."""
        unit, text = _text(row.get("单位")), _text(row.get("问题"))
        if unit not in self.units:
            raise InvalidInput(say("没有参加单位“{unit}”", unit=unit) if unit else say("缺少单位"))
        if not text:
            raise InvalidInput(say("缺少问题"))
        level = _choice(row.get("等级"), LEVEL_NAMES, FindingLevel.GENERAL, "等级")
        item, owner = _text(row.get("检查项目")), _text(row.get("责任人"))
        return {
            "campaign_id": self.campaign.id,
            "unit_id": self.units[unit],
            "origin_element": "workbook",
            "item": self.items.get(item, item)[:200],
            "level": level,
            "source": _choice(row.get("来源"), SOURCE_NAMES, FindingSource.INSPECTION, "来源"),
            "text": text,
            "measures": _text(row.get("整改措施")),
            "owner_id": _person(session, owner) if owner else None,
            "due": self._due(session, row.get("整改期限"), level),
            "found_at": self.at,
            "evidence_before": [],
            "evidence_after": [],
        }

    def _due(self, session: Session, value: Any, level: str) -> datetime | None:
        calendar = WorkingCalendar()
        if isinstance(value, date):
            return calendar.end_of_day(value.date() if isinstance(value, datetime) else value)
        asked = _text(value), level
        if asked not in self.ends:
            limit = asked[0] or limit_of(self.campaign, level)
            ends = limit_end(limit, self.at, calendar) if limit else rectification_ends(session, self.campaign)
            self.ends[asked] = ends
        return self.ends[asked]


def _change(session: Session, campaign_id: int, ids: Sequence[int], values: Mapping[str, Any]) -> int:
    if not ids:
        raise InvalidInput(say("请先选择问题"))
    if len(ids) > MOST:
        raise InvalidInput(say("一次最多 {most} 条问题", most=MOST))
    done = 0
    for start in range(0, len(ids), 500):
        result: Any = session.execute(
            update(Finding)
            .where(Finding.campaign_id == campaign_id, Finding.id.in_(ids[start : start + 500]))
            .where(Finding.state != FindingState.CLOSED)
            .values(**values),
            execution_options=_BULK,
        )
        done += result.rowcount
    return done


def _read(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InvalidInput(say("这不是可读的 Excel 文件（.xlsx）")) from error
    lines = book.worksheets[0].iter_rows(values_only=True)
    heads = [_text(value) for value in next(lines, ())]
    missing = [heading for heading in ("单位", "问题") if heading not in heads]
    if missing:
        raise InvalidInput(say("表格缺少“{missing}”这一列", missing=missing[0]))
    rows = []
    for number, values in enumerate(lines, start=2):
        row = {head: value for head, value in zip(heads, values, strict=False) if head}
        if any(_text(value) for value in row.values()):
            rows.append((number, row))
        if len(rows) > MOST:
            raise InvalidInput(say("一次最多登记 {most} 条问题", most=MOST))
    return rows


def _units(session: Session, campaign: Campaign) -> dict[str, int]:
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.name)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id)
    )
    return {key: row.id for row in rows for key in (row.name, row.code)}


def _items(campaign: Campaign) -> dict[str, str]:
    return {name: code for code, name in item_names(campaign.plan).items()}


def _person(session: Session, said: str) -> int:
    found = session.scalars(
        select(Person.id).where((Person.login == said) | (Person.name == said), Person.active).limit(2)
    ).all()
    if len(found) != 1:
        raise InvalidInput(
            say("有多个人叫“{said}”，请写登录名", said=said) if found else say("没有“{said}”这个人", said=said),
            {"owner": say("请核对")},
        )
    return found[0]


def _choice(value: Any, names: Mapping[Any, str], default: Any, what: str) -> str:
    said = _text(value)
    if not said:
        return str(default.value)
    for code, name in names.items():
        if said in (name, code.value):
            return str(code.value)
    raise InvalidInput(say("{what}“{said}”不存在，应为 {values}", what=what, said=said, values=listed(names.values())))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()[:LONGEST_TEXT]
