"""The parts of a campaign by REST: ledger, sheets, inspections and draws; on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy.orm import Session

from engine.clock import FakeClock
from engine.instances.models import Instance
from engine.store import Database
from tests.support.api import Caller, api_app
from tests.support.campaigns import token_of
from tests.support.parts import AT, EVERY_PART, PartWorld, fill_every_part, part_world
from workflows.campaigns.models import Campaign
from workflows.documents.papers import write_paper
from workflows.findings.models import Finding
from workflows.organisation.models import Group, GroupMember, Holding, Person, Post
from workflows.sheets.catalogue import SHEETS

Call = Callable[[str], Caller]


@pytest.fixture
def world(database: Database) -> Iterator[PartWorld]:
    with database.write() as session:
        world = part_world(database, session, EVERY_PART, {"a": "ward", "b": "ward"})
        _people(session, world)
        fill_every_part(world, "a", "b", inspectors="group(checkers)")
        for number, code in enumerate(("a", "a", "b"), start=1):
            session.add(_finding(world, number, code))
        world.campaign.findings_numbered = 3
    return world


def _people(session: Session, world: PartWorld) -> None:
    post = Post(code="head", name="负责人", leads=True)
    group = Group(code="checkers", name="检查组")
    session.add_all([post, group])
    session.flush()
    for code in ("a", "b"):
        holder = world.person(f"{code}-head")
        session.add(Holding(person_id=holder, unit_id=world.units[code].id, post_id=post.id))
    for position, login in enumerate(("checker-1", "checker-2")):
        member = world.person(login)
        session.add(GroupMember(group_id=group.id, person_id=member, role="member", position=position))
    world.person("stranger")


def _finding(world: PartWorld, number: int, code: str) -> Finding:
    return Finding(
        number=number, campaign_id=world.campaign.id, unit_id=world.units[code].id, origin_instance_id=world.root.id,
        origin_element="check", text=f"灭火器过期 {number}", found_at=AT, due=datetime(2026, 9, number, tzinfo=UTC),
        liable=["unit"] if number == 1 else None,
    )  # fmt: skip


@pytest.fixture
def app(world: PartWorld) -> Flask:
    return api_app(world.engine)


@pytest.fixture
def call(world: PartWorld, app: Flask) -> Call:
    def make(login: str) -> Caller:
        with world.engine.db.read() as session:
            person_id = session.query(Person.id).filter(Person.login == login).scalar()
        return Caller(app, token_of(world.engine, person_id))

    return make


@pytest.fixture
def at(world: PartWorld) -> str:
    return f"/campaign/{world.campaign.id}"


def test_findings_are_listed_filtered_and_counted(call: Call, at: str, world: PartWorld) -> None:
    office = call("office")
    found = office.get(f"{at}/finding?maxResults=2").json
    assert ([row["label"] for row in found["rows"]], found["count"]) == (["2026-001", "2026-002"], 3)
    unit = world.units["b"].id
    assert office.get(f"{at}/finding?unitId={unit}&search=灭火器").json["count"] == 1
    assert office.get(f"{at}/finding?overdue=true&state=open&firstResult=1").json["count"] == 3
    assert office.get(f"{at}/finding/count").json["overdue"] == 3
    assert office.get(f"{at}/finding?state=nothing").status_code == 422


def test_one_finding_says_what_happened_to_it_and_a_unit_finds_its_own_only(call: Call, at: str) -> None:
    rows = call("office").get(f"{at}/finding").json["rows"]
    one = call("office").get(f"{at}/finding/{rows[0]['id']}").json
    assert (one["text"], one["liable"], one["urgedCount"]) == ("灭火器过期 1", ["unit"], 0)
    head = call("b-head")
    assert [row["label"] for row in head.get(f"{at}/finding").json["rows"]] == ["2026-003"]
    assert head.get(f"{at}/finding/{rows[0]['id']}").status_code == 404
    assert head.get(f"{at}/finding/{rows[2]['id']}").status_code == 200


def test_many_findings_get_a_limit_an_owner_and_are_urged(call: Call, at: str) -> None:
    office = call("office")
    ids = [row["id"] for row in office.get(f"{at}/finding").json["rows"]]
    assert office.post(f"{at}/finding/limit", {"findings": ids, "limit": "2026-09-30"}).json == {"count": 3}
    assert office.post(f"{at}/finding/owner", {"findings": ids[:2], "owner": "a-head"}).json == {"count": 2}
    assert office.post(f"{at}/finding/urge", {"findings": ids}).json == {"count": 3}
    changed = office.get(f"{at}/finding/{ids[0]}").json
    assert (changed["ownerName"], changed["urgedCount"], changed["overdue"]) == ("人员 a-head", 1, False)
    nobody = office.post(f"{at}/finding/owner", {"findings": ids, "owner": "nobody"})
    assert (nobody.status_code, set(nobody.json["fields"])) == (422, {"owner"})
    assert call("b-head").post(f"{at}/finding/urge", {"findings": ids}).json["code"] == "not-allowed"


def test_findings_go_out_and_come_in_as_a_workbook(call: Call, at: str, app: Flask) -> None:
    office = call("office")
    book = load_workbook(BytesIO(office.get(f"{at}/finding/workbook?state=open").data))
    assert len(list(book.worksheets[0].iter_rows())) == 4
    filled = load_workbook(BytesIO(office.get(f"{at}/finding/workbook/template").data))
    filled.worksheets[0].append(["a", "", "", "", "通道堵塞"])
    assert office.upload(f"{at}/finding/workbook", "workbook", _bytes(filled)).json == {"count": 1, "process": ""}
    filled.worksheets[0].append(["没有的单位", "", "", "", "通道堵塞"])
    refused = office.upload(f"{at}/finding/workbook", "workbook", _bytes(filled))
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"第 3 行"})
    assert office.get(f"{at}/finding/count").json["total"] == 4
    assert office.upload(f"{at}/finding/workbook", "workbook", b"no workbook").status_code == 422
    assert office.post(f"{at}/finding/workbook").json["fields"] == {"workbook": "请选择 Excel 文件。"}


def _bytes(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_every_part_is_had_as_rows_and_as_a_workbook(call: Call, at: str) -> None:
    office = call("office")
    for kind in SHEETS:
        address = f"{at}/{kind.code.replace('_', '-')}"
        found = office.get(address)
        assert found.status_code == 200, (address, found.text)
        assert found.json["count"] or kind.code == "unit_plans", address
        book = load_workbook(BytesIO(office.get(f"{address}/workbook").data))
        assert len(list(book.worksheets[0].iter_rows())) == found.json["count"] + 1
    assert office.get(f"{at}/scores?search=没有这样的内容").json["count"] == 0
    assert office.get(f"{at}/scores?period=2026-08").json["rows"] == []


def test_a_score_says_line_by_line_how_it_came_about(call: Call, at: str) -> None:
    (row, _other) = call("office").get(f"{at}/scores?period=2026-09&maxResults=2").json["rows"]
    assert (row["subject"], row["score"], row["full"]) == ({"code": "a", "name": "单位a"}, "95", "100")
    assert any("55" in line for line in row["details"])
    (own,) = call("b-head").get(f"{at}/scores").json["rows"]
    assert own["subject"]["code"] == "b"


def test_an_unannounced_inspection_and_the_draw_before_it_are_hidden_until_it_starts(
    call: Call, at: str, world: PartWorld
) -> None:
    for login, seen in (("office", 1), ("a-head", 0), ("b-head", 0)):
        assert call(login).get(f"{at}/inspections").json["count"] == seen, login
    clock = world.engine.clock
    assert isinstance(clock, FakeClock)
    (draw,) = call("office").get(f"{at}/draws").json["rows"]
    assert draw["seed"] == "公布的种子"
    assert call("a-head").get(f"{at}/draws").json["count"] == 0
    clock.advance_to(datetime(2027, 1, 4, 1, tzinfo=UTC))
    (visit,) = call("a-head").get(f"{at}/inspections").json["rows"]
    assert (visit["announced"], visit["subject"]["code"]) == (False, "a")
    assert call("b-head").get(f"{at}/inspections").json["count"] == 0
    assert call("a-head").get(f"{at}/draws").json["rows"][0]["drawn"] == draw["drawn"]


def test_a_stranger_finds_no_part_of_a_campaign(call: Call, at: str) -> None:
    stranger = call("stranger")
    parts = [kind.code.replace("_", "-") for kind in SHEETS]
    for part in (*parts, *(f"{one}/workbook" for one in parts), "finding", "finding/count", "finding/workbook"):
        assert stranger.get(f"{at}/{part}").status_code == 404, part
    assert stranger.post(f"{at}/finding/urge", {"findings": ["1"]}).status_code == 404


def test_other_marks_are_tried_out_and_nothing_is_kept(call: Call, at: str) -> None:
    office = call("office")
    (entry,) = office.get(f"{at}/scores/entry?scheme=check&subject=a&period=2026-09").json
    assert (entry["item"], entry["amount"]) == ("order", "55")
    ask = {"scheme": "check", "period": "2026-09", "changes": [{"entryId": entry["id"], "amount": "50"}]}
    changed = {row["name"]: row for row in office.post(f"{at}/scores/trial", ask).json}
    assert (changed["单位a"]["value"], changed["单位a"]["otherValue"], changed["单位a"]["otherRank"]) == ("95", "90", 2)
    assert office.get(f"{at}/scores").json["rows"][0]["score"] == "95"
    for amount in ("many", "", "1e999999999"):
        wrong = office.post(f"{at}/scores/trial", {**ask, "changes": [{"entryId": entry["id"], "amount": amount}]})
        assert (wrong.status_code, set(wrong.json["fields"])) == (422, {"changes"}), amount
    assert office.get(f"{at}/scores/entry?scheme=none&subject=a").status_code == 422
    assert call("b-head").post(f"{at}/scores/trial", ask).json["code"] == "not-allowed"
    assert call("stranger").post(f"{at}/scores/trial", ask).status_code == 404


def test_an_objection_is_raised_while_the_notice_runs(call: Call, at: str, world: PartWorld) -> None:
    head = call("b-head")
    (notice,) = head.get(f"{at}/notices").json["rows"]
    place = f"{at}/notices/{notice['id']}/objection"
    assert head.post(place, {"text": "分值有误", "subject": "a"}).json["state"] == "open"
    assert head.get(f"{at}/notices").json["rows"][0]["objections"] == "1"
    assert call("stranger").post(place, {"text": "x"}).status_code == 404
    assert head.post(f"{at}/notices/1/objection", {"text": "x"}).status_code == 404
    clock = world.engine.clock
    assert isinstance(clock, FakeClock)
    clock.advance_to(datetime(2026, 12, 4, 1, tzinfo=UTC))
    assert head.post(place, {"text": "太晚"}).status_code == 422


def test_documents_and_the_bundle_are_downloaded(call: Call, at: str, world: PartWorld) -> None:
    with world.engine.db.write() as session:
        campaign, root = session.get_one(Campaign, world.campaign.id), session.get_one(Instance, world.root.id)
        for kind in ("summary", "bulletin"):
            write_paper(
                session, campaign=campaign, instance=root, kind=kind, title="第一期", paragraphs=["良好"],
                sheets=["scores"], at=AT,
            )  # fmt: skip
    office, head = call("office"), call("b-head")
    found = office.get(f"{at}/document?kind=summary").json
    assert (found["count"], found["rows"][0]["pdf"]) == (1, True)
    place = f"{at}/document/{found['rows'][0]['id']}"
    content = office.get(f"{place}/content").data
    assert sha256(content).hexdigest() == found["rows"][0]["digest"]
    assert office.get(f"{place}/pdf").data.startswith(b"%PDF")
    assert [row["kind"] for row in head.get(f"{at}/document").json["rows"]] == ["bulletin"]
    for path in (f"{place}/content", f"{place}/pdf"):
        assert head.get(path).status_code == 404
    bundle = ZipFile(BytesIO(office.get(f"{at}/archive").data))
    assert {"manifest.json", "SHA256SUMS", "ledger.xlsx", "sheets/draws.xlsx"} <= set(bundle.namelist())
    assert head.get(f"{at}/archive").json["code"] == "not-allowed"
    assert call("stranger").get(f"{at}/archive").status_code == 404
