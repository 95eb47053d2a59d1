"""The pages of a campaign's parts: what is seen by whom, in both languages, and what is done for many at once."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from engine.instances.models import Instance
from engine.runtime import Engine
from tests.support.parts import EVERY_PART, PartWorld, fill_every_part
from tests.support.website import csrf_token, demonstration, signed_in, website
from workflows.awards.models import Objection, PublicNotice
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.documents.papers import write_paper
from workflows.findings.models import Finding
from workflows.organisation.models import Person, Unit
from workflows.scoring.models import Score, ScoreEntry
from workflows.sheets.catalogue import SHEETS


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Flask]]:
    engine, settings = demonstration(tmp_path_factory.mktemp("parts"))
    with engine.db.write() as session:
        session.add(Person(login="bystander", name="路人"))
        campaign = session.scalars(select(Campaign)).one()
        campaign.plan = {**campaign.plan, **EVERY_PART}
        root = session.get_one(Instance, campaign.instance_id)
        units = session.scalars(
            select(Unit).join(CampaignUnit, CampaignUnit.unit_id == Unit.id).order_by(CampaignUnit.position)
        )
        world = PartWorld(engine, session, campaign, root, {unit.code: unit for unit in units}, engine.clock.now())
        fill_every_part(world, "internal", "surgery", inspectors="group(medical)")
    yield engine, website(engine, settings)
    engine.db.close()


def _campaign(engine: Engine) -> int:
    with engine.db.read() as session:
        return session.scalars(select(Campaign.id)).one()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_is_a_page_and_a_workbook(running: tuple[Engine, Flask], language: str) -> None:
    engine, app = running
    client = signed_in(app, "head")
    client.set_cookie("lang", language)
    for kind in SHEETS:
        address = f"/campaigns/{_campaign(engine)}/parts/{kind.code}"
        page = client.get(address)
        assert page.status_code == 200
        empty = kind.code == "unit_plans"
        assert ("<tbody>" not in page.text) == empty, kind.code
        book = load_workbook(BytesIO(client.get(f"{address}.xlsx").data))
        assert (len(list(book.worksheets[0].iter_rows())) == 1) == empty
        assert client.get(address, query_string={"q": "没有这样的内容", "page": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("scores", "order: 55 of 60: 55"),
        ("money", "rank 1 (tied), score 95, the first 1"),
        ("duties", "Zheng Banshi"),
        ("inspections", "Cao Chayi, Qian Yizheng"),
        ("draws", "Operating room, Ward two"),
    ],
)
def test_english_readers_get_reasons_and_names_in_english(running: tuple[Engine, Flask], code: str, words: str) -> None:
    engine, app = running
    client = signed_in(app, "head")
    client.set_cookie("lang", "en")
    address = f"/campaigns/{_campaign(engine)}/parts/{code}"
    assert words in client.get(address).text
    book = load_workbook(BytesIO(client.get(f"{address}.xlsx").data))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert words in cells


def test_index_lists_the_parts_and_a_stranger_finds_nothing(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    at = f"/campaigns/{_campaign(engine)}"
    page = signed_in(app, "head").get(f"{at}/parts").text
    assert all(name in page for name in ("评分明细", "排名", "奖惩", "公示", "值班表"))
    for path in ("parts", "parts/scores", "parts/scores.xlsx", "notices", "trends", "ledger"):
        assert signed_in(app, "bystander").get(f"{at}/{path}").status_code == 404
    assert signed_in(app, "head").get(f"{at}/parts/nothing").status_code == 404


def test_a_unit_sees_its_own_rows_and_no_unannounced_inspection(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    at = f"/campaigns/{_campaign(engine)}/parts"
    client = signed_in(app, "internal-director")
    scores = client.get(f"{at}/scores").text
    assert "内科" in scores
    assert "外科" not in scores
    assert "<tbody>" not in client.get(f"{at}/inspections").text
    assert "保密作品" not in client.get(f"{at}/registers").text
    assert "<tbody>" in client.get(f"{at}/duties").text


def test_trends_draw_findings_and_scores(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    page = signed_in(app, "head").get(f"/campaigns/{_campaign(engine)}/trends").text
    assert all(f'data-chart="{kind}"' in page for kind in ("phases", "days", "items", "scores"))


def test_an_objection_is_raised_while_the_notice_runs(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    client, at = signed_in(app, "surgery-director"), f"/campaigns/{_campaign(engine)}/notices"
    assert "拟表彰公示" in client.get(at).text
    with engine.db.read() as session:
        notice_id = session.scalars(select(PublicNotice.id)).one()
    token = csrf_token(client, at)
    empty = client.post(f"{at}/{notice_id}", data={"csrf_token": token, "text": " "})
    assert empty.status_code == 422
    done = client.post(f"{at}/{notice_id}", data={"csrf_token": token, "text": "与实际不符", "subject": "internal"})
    assert done.status_code == 302
    with engine.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Objection)) == 1


def test_many_findings_get_a_limit_an_owner_and_one_notice_a_person(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    client, at = signed_in(app, "head"), f"/campaigns/{_campaign(engine)}/ledger"
    token = csrf_token(client, at)
    with engine.db.read() as session:
        open_ones = list(session.scalars(select(Finding.id).where(Finding.state != "closed")))
    chosen = {"csrf_token": token, "finding": [str(one) for one in open_ones[:3]]}
    for operation, value in (("owner", "internal-director"), ("limit", "5"), ("urge", "")):
        answer = client.post(at, data=chosen | {"operation": operation, "value": value})
        assert answer.status_code == 302
    with engine.db.read() as session:
        changed = session.scalars(select(Finding).where(Finding.id.in_(open_ones[:3]))).all()
    assert {one.urged_count for one in changed} == {1}
    assert len({one.due for one in changed}) == len({one.owner_id for one in changed}) == 1
    assert client.post(at, data={"csrf_token": token, "operation": "limit", "value": "5"}).status_code == 422
    other = signed_in(app, "internal-director")
    token = csrf_token(other, at)
    assert other.post(at, data={"csrf_token": token, "operation": "urge", "finding": "1"}).status_code == 403


def _book(*rows: tuple[object, ...]) -> BytesIO:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def test_a_workbook_is_entered_whole_or_not_at_all(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    client, at = signed_in(app, "head"), f"/campaigns/{_campaign(engine)}/ledger"
    token = csrf_token(client, at)

    def send(*rows: tuple[object, ...]) -> Any:
        file = (_book(*rows), "findings.xlsx")
        return client.post(f"{at}/workbook", data={"csrf_token": token, "workbook": file})

    def count() -> int:
        with engine.db.read() as session:
            return session.scalar(select(func.count()).select_from(Finding)) or 0

    before = count()
    heads = ("单位", "等级", "来源", "问题", "整改期限")
    refused = send(
        heads,
        ("内科", "一般", "热线", "漏签", None),
        ("火星科", "", "", "漏签", None),
        ("外科", "天大", "", "漏签", None),
    )
    assert refused.status_code == 422
    assert all(text in refused.text for text in ("2 处错误", "火星科", "天大"))
    assert count() == before
    assert send(("名称",), ("内科",)).status_code == 422
    assert (
        client.post(f"{at}/workbook", data={"csrf_token": token, "workbook": (BytesIO(b"no"), "a.xlsx")}).status_code
        == 422
    )
    entered = send(heads, ("内科", "重点", "举报箱", "交接漏签", "5 working days"), ("surgery", "", "", "漏核对", None))
    assert entered.status_code == 302
    assert count() == before + 2
    template = load_workbook(BytesIO(client.get(f"{at}/template.xlsx").data))
    assert template.worksheets[0]["A1"].value == "单位"


def test_papers_are_had_as_pdf_and_the_campaign_as_a_bundle(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    with engine.db.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        root = session.get_one(Instance, campaign.instance_id)
        document = write_paper(
            session,
            campaign=campaign,
            instance=root,
            kind="bulletin",
            title="第1期简报",
            paragraphs=["进展顺利。"],
            sheets=["scores"],
            at=engine.clock.now(),
        )
        at, number = f"/campaigns/{campaign.id}", document.id
    client = signed_in(app, "head")
    pdf = client.get(f"{at}/documents/{number}.pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert client.get(f"{at}/documents/1.pdf").status_code == 404
    assert "第1期简报" in client.get(f"{at}/documents").text
    assert client.get(f"{at}/archive.zip").data.startswith(b"PK")
    assert signed_in(app, "internal-director").get(f"{at}/archive.zip").status_code == 403
    assert signed_in(app, "bystander").get(f"{at}/archive.zip").status_code == 404


def test_another_mark_is_tried_out_and_nothing_is_kept(running: tuple[Engine, Flask]) -> None:
    engine, app = running
    client, at = signed_in(app, "head"), f"/campaigns/{_campaign(engine)}/parts/scores/trial"
    asked = {"scheme": "check", "period": "2026-09", "subject": "surgery"}
    with engine.db.read() as session:
        entry = session.scalars(select(ScoreEntry).where(ScoreEntry.subject == "surgery")).one()
        scores = session.scalars(select(Score.value).where(Score.subject == "surgery")).all()
    assert f"amount_{entry.id}" in client.get(at, query_string=asked).text
    tried = client.get(at, query_string=asked | {f"amount_{entry.id}": "10"}).text
    assert all(figure in tried for figure in ("<td>外科</td>", "95", "50"))
    assert client.get(at, query_string=asked | {f"amount_{entry.id}": "many"}).status_code == 422
    assert client.get(at, query_string=asked | {"scheme": "nothing"}).status_code == 422
    assert signed_in(app, "surgery-director").get(at, query_string=asked).status_code == 403
    with engine.db.read() as session:
        assert session.scalars(select(Score.value).where(Score.subject == "surgery")).all() == scores
