"""The pages of approvals through the web application: every operation has its form, works, and refuses clearly."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.decisions import PNG
from engine.tasks.models import AttachmentContent, Copy, Slot, StartDraft
from tests.support.api import approval, begin, number_of, slot_of, small_office
from tests.support.turning import user
from tests.support.web import signed_in_client

Client = Callable[[str], FlaskClient]


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return small_office(database, clock)


@pytest.fixture
def client(engine: Engine) -> Client:
    return lambda login: signed_in_client(engine, person_id=number_of(login))


def ask(client: FlaskClient, slot: Slot, name: str, **given: object) -> str:
    """Open an operation's form and send it; returns the page that follows."""
    address = f"/tasks/{slot.id}/ask/{name}"
    form = client.get(address)
    assert form.status_code == 200, form.text
    hidden = dict(re.findall(r'<input type="hidden"\s+name="([a-z_]+)"\s+value="([^"]*)"', form.text))
    answer = client.post(address, data={**hidden, **given}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_signers_are_found_by_unit_and_added_before(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob"))
    mine = slot_of(engine, "bob")
    bob = client("bob")
    found = bob.get(f"/tasks/{mine.id}/people?q=办公室").text
    assert "ann先生" in found
    assert "cid先生" not in found
    assert "前加签：ann先生" in ask(bob, mine, "add_before", people="2", words="请先看")
    assert slot_of(engine, "bob").state == "held"
    refused = bob.post(f"/tasks/{mine.id}/ask/transfer", data={"version": "1", "people": "4", "words": "忙"})
    assert refused.status_code == 409
    assert "先收回" in refused.text
    assert "已收回" in ask(bob, mine, "recall")
    assert slot_of(engine, "ann").close_reason == "recalled"


def test_a_signer_who_was_added_meanwhile_is_told_in_the_form_with_what_was_typed(
    engine: Engine, client: Client
) -> None:
    begin(engine, approval("A", "bob"))
    bob = client("bob")
    ask(bob, slot_of(engine, "bob"), "transfer", people="2", words="请办")
    mine = slot_of(engine, "ann")
    ann = client("ann")
    form = ann.get(f"/tasks/{mine.id}/ask/delegate")
    hidden = dict(re.findall(r'<input type="hidden"\s+name="([a-z_]+)"\s+value="([^"]*)"', form.text))
    again = ann.post(f"/tasks/{mine.id}/ask/delegate", data={**hidden, "people": "2", "words": "请看三处"})
    assert again.status_code == 409
    assert "已经是这个节点的签署人" in again.text
    assert "请看三处" in again.text


def test_delegation_and_opinion(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob"))
    ask(client("bob"), slot_of(engine, "bob"), "delegate", people="4")
    cid = client("cid")
    page = cid.get(f"/tasks/{slot_of(engine, 'cid').id}").text
    assert "提出意见" in page
    assert 'value="agree"' not in page
    assert "意见已提交" in ask(cid, slot_of(engine, "cid"), "give_opinion", words="可行")
    assert slot_of(engine, "bob").state == "ready"


def test_a_form_without_its_answers_is_shown_again_with_what_was_typed(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob"))
    mine = slot_of(engine, "bob")
    answer = client("bob").post(f"/tasks/{mine.id}/ask/transfer", data={"version": "1", "words": "出差"})
    assert answer.status_code == 422
    assert "请选择一个人" in answer.text
    assert "出差" in answer.text
    assert slot_of(engine, "bob").state == "ready"


def test_copy_retrieve_withdraw_and_the_drafts_box(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob"), approval("B", "cid"), amount=5)
    ask(client("bob"), slot_of(engine, "bob"), "copy", people=["5", "6"], words="请知悉")
    with engine.db.read() as session:
        assert session.scalars(select(Copy.person_id).order_by(Copy.person_id)).all() == [5, 6]
    bob = client("bob")
    mine = slot_of(engine, "bob")
    bob.post(f"/tasks/{mine.id}", data={"operation": "agree", "version": "1"})
    assert slot_of(engine, "cid").state == "ready"
    assert "已取回" in ask(bob, mine, "retrieve")
    assert slot_of(engine, "cid").state == "cancelled"
    init = client("init")
    assert "草稿箱" in ask(init, slot_of(engine, "bob"), "withdraw", words="重写")
    box = init.get("/inbox?box=drafts").text
    assert "采购申请" in box
    with engine.db.read() as session:
        draft = session.scalars(select(StartDraft)).one()
    assert client("bob").post(f"/inbox/drafts/{draft.id}/delete").status_code == 404
    init.post(f"/inbox/drafts/{draft.id}/delete")
    assert "采购申请" not in init.get("/inbox?box=drafts").text


def test_an_extension_is_asked_and_lies_in_the_leaders_inbox(engine: Engine, client: Client) -> None:
    begin(engine, user("A", "person(ann)", due="2 working days"))
    mine = slot_of(engine, "ann")
    assert "已申请延期" in ask(client("ann"), mine, "extend", due="2026-12-31T17:00", words="等物料")
    assert "延期申请" in client("boss").get("/inbox").text


def test_many_are_agreed_at_once_with_a_result_each(engine: Engine, client: Client) -> None:
    for _ in range(2):
        begin(engine, approval("A", "bob", batch="true"))
    bob = client("bob")
    assert "/inbox/agree" in bob.get("/inbox").text
    chosen = re.findall(r'name="slot"\s+value="(\d+)"', bob.get("/inbox/agree").text)
    assert len(chosen) == 2
    answer = bob.post("/inbox/agree", data={"slot": chosen, "opinion": "同意", "key": "k"}).text
    assert answer.count("成功") == 2
    assert bob.post("/inbox/agree", data={"slot": []}).status_code == 422


def test_voters_may_abstain_and_administrators_jump(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob", "cid", policy="vote", voteRatio="1/2"), approval("B", "dan"))
    mine = slot_of(engine, "bob")
    bob = client("bob")
    assert 'value="abstain"' in bob.get(f"/tasks/{mine.id}").text
    bob.post(f"/tasks/{mine.id}", data={"operation": "abstain", "version": "1"})
    assert slot_of(engine, "bob").state == "abstained"
    assert client("cid").get(f"/tasks/{slot_of(engine, 'cid').id}/ask/jump").status_code == 403
    assert "已跳转" in ask(client("boss"), slot_of(engine, "cid"), "jump", target="B", words="加急")
    assert slot_of(engine, "dan").state == "ready"


@pytest.mark.parametrize("name", ["nonsense", "agree"])
def test_unknown_operations_are_not_found(engine: Engine, client: Client, name: str) -> None:
    begin(engine, approval("A", "bob"))
    assert client("bob").get(f"/tasks/{slot_of(engine, 'bob').id}/ask/{name}").status_code == 404


@pytest.mark.parametrize("box", ["todo", "proxy", "supervise", "done", "mine", "copies", "drafts"])
def test_every_box_has_a_page(engine: Engine, client: Client, box: str) -> None:
    begin(engine, approval("A", "bob", due="PT4H"))
    for login in ("init", "bob", "boss"):
        assert client(login).get(f"/inbox?box={box}").status_code == 200
    assert client("bob").get("/inbox?box=nowhere").status_code == 422
    assert client("bob").get("/inbox?before=xx").status_code == 422


def test_a_signature_is_demanded_kept_and_must_be_a_picture(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "bob", signature="required"), approval("B", "cid"))
    mine = slot_of(engine, "bob")
    bob = client("bob")
    address = f"/tasks/{mine.id}"
    assert 'name="signature"' in bob.get(address).text
    for given in ({}, {"signature": (BytesIO(b"no picture"), "s.png")}):
        answer = bob.post(address, data={"operation": "agree", "version": "1", **given})
        assert answer.status_code == 422
        assert "签名" in answer.text
    picture = PNG + b"invented"
    bob.post(address, data={"operation": "agree", "version": "1", "signature": (BytesIO(picture), "s.png")})
    with engine.db.read() as session:
        signed = session.get_one(Slot, mine.id)
        assert signed.state == "agreed"
        assert session.get_one(AttachmentContent, signed.signature).content == picture
