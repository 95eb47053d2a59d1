"""Papers with the rows behind their figures, signatures, certificates, and the bundle that anybody can check."""

import json
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document as WordFile
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed
from engine.store import Database
from tests.support.parts import PartWorld, part_world
from workflows.documents.archive import make_bundle
from workflows.documents.marks import mark
from workflows.documents.models import Document
from workflows.documents.papers import write_certificates, write_paper
from workflows.documents.writing import Writing
from workflows.organisation.models import Holding, Post

PLAN = {
    "scoring": [{"code": "check", "name": "检查", "items": [{"code": "order", "name": "秩序", "points": 100}]}],
    "rankings": [{"code": "all", "scheme": "check"}],
    "awards": [{"code": "best", "name": "先进单位", "ranking": "all", "top": 1, "money": 300}],
}


@pytest.fixture
def world(database: Database) -> Iterator[PartWorld]:
    with Session(database.sql) as session:
        made = part_world(database, session, PLAN, {"u1": "village", "u2": "village"})
        for code, points in (("u1", 92.5), ("u2", 80)):
            made.call("score.enter", scheme="check", unit=code, item="order", amount=points, reason="现场", step=code)
        made.call("score.compute", scheme="check")
        made.call("rank.make", ranking="all")
        made.call("awards.give", award="best")
        yield made
        session.rollback()


def _paper(world: PartWorld, **options: Any) -> Document:
    said = {"kind": "bulletin", "title": "第1期简报", "paragraphs": ["情况如下。"], "sheets": ["ranks", "money"]}
    return write_paper(world.session, campaign=world.campaign, instance=world.root, at=world.at, **(said | options))


def test_every_figure_of_a_paper_is_a_row_that_is_named(world: PartWorld) -> None:
    document = _paper(world, sheets=["scores", "money"])
    word = WordFile(BytesIO(document.content))
    assert [paragraph.text for paragraph in word.paragraphs][:2] == ["第1期简报", "情况如下。"]
    cells = [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    assert ["检查", "单位u1", "92.5", "100"] in cells
    assert any("300.00" in row for row in cells)
    traced = [row for row in document.rows if row["from"] == "scores"]
    assert traced[0]["reasons"][0].startswith("秩序 得 92.5")
    assert document.writing is not None
    assert Writing.of(document.writing).title == "第1期简报"


def test_the_same_paper_as_a_workbook(world: PartWorld) -> None:
    document = _paper(world, kind="scores", excel=True, sheets=["scores", "ranks"])
    book = load_workbook(BytesIO(document.content))
    assert book.sheetnames == ["评分明细", "排名"]
    with pytest.raises(InvalidInput, match="没有“poem”"):
        _paper(world, kind="poem")


def test_a_certificate_is_for_a_confirmed_award_only(world: PartWorld) -> None:
    def written() -> list[Document]:
        return write_certificates(
            world.session, campaign=world.campaign, instance=world.root, award="best", at=world.at
        )

    assert written() == []
    world.call("awards.settle", award="best")
    certificates = written()
    assert [one.title for one in certificates] == ["证书（单位u1）"]
    text = "".join(paragraph.text for paragraph in WordFile(BytesIO(certificates[0].content)).paragraphs)
    assert "被评为“先进单位”" in text


def test_two_signatures_and_a_seal_each_once_s2_02(world: PartWorld) -> None:
    document = _paper(world)
    counted = []
    for login, kind in (("deputy", "sign"), ("deputy", "sign"), ("accountant", "sign"), ("office", "seal")):
        marks = mark(
            world.session,
            campaign=world.campaign,
            document_id=document.id,
            kind=kind,
            person_id=world.person(login),
            at=world.at,
        )
        counted.append(len(marks))
    assert counted == [1, 1, 2, 3]
    assert {one.digest for one in marks} == {document.digest}


def test_the_bundle_is_checked_without_the_system(world: PartWorld) -> None:
    document = _paper(world)
    world.submit("report", text="完成")
    viewer = world.person("office")
    with make_bundle(world.session, campaign_id=world.campaign.id, viewer_id=viewer, at=world.at) as bundle:
        archive = ZipFile(BytesIO(bundle.read()))
    sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    assert all(sha256(archive.read(name)).hexdigest() == digest for name, digest in sums.items())
    manifest = json.loads(archive.read("manifest.json"))
    kept = next(one for one in manifest["files"] if one["what"] == "document")
    assert kept["sha256"] == document.digest
    assert {"plan.json", "ledger.xlsx", "sheets/scores.xlsx", "submissions.jsonl", "history.jsonl"} <= set(sums)


def test_the_bundle_is_not_for_a_unit(world: PartWorld) -> None:
    post = Post(code="head", name="负责人", leads=True)
    world.session.add(post)
    world.session.flush()
    person_id = world.person("u1-head")
    world.session.add(Holding(person_id=person_id, unit_id=world.units["u1"].id, post_id=post.id))
    world.session.flush()
    with pytest.raises(NotAllowed):
        make_bundle(world.session, campaign_id=world.campaign.id, viewer_id=person_id, at=world.at)
    assert world.session.scalars(select(Document)).all() == []
