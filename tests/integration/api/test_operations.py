"""Every operation of approvals by REST: done, tried out first, refused to strangers and to tokens without the scope."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from engine.runtime import Engine
from engine.tasks.models import Slot
from tests.support.api import Caller, approval, begin, number_of, slot_of
from tests.support.turning import user
from web.api.operations import VERBS
from workflows.access.service import Scope

Call = Callable[..., Caller]
CID = str(number_of("cid"))
DAN = str(number_of("dan"))


@dataclass(frozen=True, slots=True)
class Play:
    """One operation on a drawing: who does it on whose slot, after which steps, and what it says."""

    verb: str
    says: str
    body: Mapping[str, Any] = field(default_factory=dict)
    nodes: tuple[str, ...] = (approval("A", "bob"), approval("B", "dan"))
    who: str = "bob"
    whose: str = "bob"
    before: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


POOL = (user("A", "person(bob)|person(ann)"),)
WORK = (user("A", "person(bob)", due="2 working days"), approval("B", "dan"))
VOTE = (approval("A", "bob", "cid", policy="vote", voteRatio="1/2"),)
ALL = (approval("A", "bob", "cid", policy="all"),)
PLAYS = (
    Play("claim", "已领取", nodes=POOL),
    Play("unclaim", "退回候选", nodes=POOL, before=(("bob", "claim", {}),)),
    Play("agree", "已同意", {"opinion": "可以"}),
    Play("reject", "已拒绝", {"opinion": "不妥"}),
    Play("abstain", "已弃权", nodes=VOTE),
    Play("complete", "已完成", nodes=WORK),
    Play("transfer", "cid先生", {"userId": CID, "reason": "出差"}),
    Play("assignee", "cid先生", {"userId": CID}),
    Play("delegate", "cid先生", {"userId": CID}),
    Play(
        "resolve",
        "意见已提交",
        {"opinion": "可行"},
        who="cid",
        whose="cid",
        before=(("bob", "delegate", {"userId": CID}),),
    ),
    Play("hand-back", "已交回", who="cid", whose="cid", before=(("bob", "delegate", {"userId": CID}),)),
    Play("recall", "已收回", before=(("bob", "delegate", {"userId": CID}),)),
    Play("add-before", "前加签", {"people": [CID]}),
    Play("add-after", "后加签", {"people": [CID], "opinion": "同意"}),
    Play("add-beside", "加签", {"people": [DAN]}, nodes=ALL),
    Play("remove-signer", "减签", nodes=ALL, who="boss"),
    Play("return", "退回", {"reason": "补材料"}, who="dan", whose="dan", before=(("bob", "agree", {}),)),
    Play("retrieve", "已取回", before=(("bob", "agree", {}),)),
    Play("withdraw", "已撤销", {"reason": "重写"}, who="init"),
    Play("urge", "已催办", who="init"),
    Play("copy", "已抄送", {"people": [CID, DAN], "text": "请知悉"}),
    Play("extend", "已申请延期", {"due": "2026-12-31T17:00:00+08:00", "reason": "等物料"}, nodes=WORK, whose="bob"),
    Play("jump", "已跳转", {"target": "B", "reason": "加急"}, who="boss"),
    Play("hand-over", "cid先生", {"userId": CID, "reason": "调离"}, who="boss"),
)
ELSEWHERE = {"return-to-caller": "NoCaller", "return-units": "NoFanOut"}
"""Need a calling process; here they are refused with a sentence (their doing: tests/integration/approvals)."""


def slots(engine: Engine) -> list[tuple[int, str, int | None]]:
    with engine.db.read() as session:
        return [(one.id, one.state, one.owner_id) for one in session.scalars(select(Slot).order_by(Slot.id))]


def prepare(engine: Engine, caller: Call, play: Play) -> Slot:
    begin(engine, *play.nodes)
    if play.nodes is POOL:
        with engine.db.read() as session:
            mine = session.scalars(select(Slot)).one()
    else:
        mine = slot_of(engine, "bob")
    for login, verb, body in play.before:
        assert caller(login).post(f"/task/{mine.id}/{verb}", body).status_code == 200
    return mine if play.whose == "bob" else slot_of(engine, play.whose)


def test_every_verb_is_played_here() -> None:
    assert {one.verb for one in VERBS} == {one.verb for one in PLAYS} | ELSEWHERE.keys()


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.verb)
def test_an_operation_is_tried_out_done_and_repeated(engine: Engine, caller: Call, play: Play) -> None:
    task = prepare(engine, caller, play)
    someone = caller(play.who)
    version = someone.get(f"/task/{task.id}").json["version"]
    address, body = f"/task/{task.id}/{play.verb}", {**play.body, "version": version}
    before = slots(engine)
    dry = someone.post(address, {**body, "dryRun": True}, key="tried")
    assert dry.status_code == 200, dry.json
    assert dry.json["dryRun"]
    assert dry.json["effects"]["instanceStatus"]
    assert slots(engine) == before
    done = someone.post(address, body, key="done")
    assert done.status_code == 200, done.json
    assert play.says in done.json["sentence"]
    assert done.json["effects"] is None
    after = slots(engine)
    assert someone.post(address, body, key="done").json == done.json
    assert slots(engine) == after


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.verb)
def test_a_stranger_and_a_reader_get_nothing_done(engine: Engine, caller: Call, play: Play) -> None:
    task = prepare(engine, caller, play)
    before = slots(engine)
    address = f"/task/{task.id}/{play.verb}"
    stranger = caller("stranger").post(address, dict(play.body))
    assert (stranger.status_code, stranger.json["code"]) == (404, "not-found")
    reader = caller(play.who, [Scope.TASKS_READ]).post(address, dict(play.body))
    assert (reader.status_code, reader.json["code"]) == (403, "scope-missing")
    assert "tasks:write" in reader.json["detail"]
    assert slots(engine) == before


@pytest.mark.parametrize("verb", ELSEWHERE)
def test_a_return_beyond_the_instance_needs_one(engine: Engine, caller: Call, verb: str) -> None:
    begin(engine, approval("A", "bob"))
    body = {"target": "X", "reason": "重做", **({"children": ["1"]} if verb == "return-units" else {})}
    answer = caller("bob").post(f"/task/{slot_of(engine, 'bob').id}/{verb}", body)
    assert (answer.status_code, answer.json["code"]) == (403, "not-allowed")


def test_of_two_programs_at_once_one_is_told_that_it_was_too_late(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob", "cid", policy="any"), approval("B", "dan"))
    tasks = {login: slot_of(engine, login).id for login in ("bob", "cid")}
    callers = {login: caller(login) for login in tasks}
    answers: dict[str, Any] = {}
    together = threading.Barrier(2)

    def agree(login: str) -> None:
        together.wait(10)
        answers[login] = callers[login].post(f"/task/{tasks[login]}/agree", {"version": 1})

    threads = [threading.Thread(target=agree, args=(login,)) for login in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(one.status_code for one in answers.values()) == [200, 409]
    late = next(one for one in answers.values() if one.status_code == 409)
    assert late.json["code"] == "stale"
    assert "处理" in late.json["detail"]
    with engine.db.read() as session:
        assert len(session.scalars(select(Slot).where(Slot.owner_id == number_of("dan"))).all()) == 1


def test_many_are_agreed_to_at_once_with_a_result_each(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob", batch="true"))
    begin(engine, approval("A", "bob"))
    with engine.db.read() as session:
        ids = [str(one) for one in session.scalars(select(Slot.id).order_by(Slot.id))]
    bob = caller("bob")
    answer = bob.post("/task/batch-agree", {"tasks": [*ids, "1"], "opinion": "同意"}, key="batch")
    assert [one["done"] for one in answer.json] == [True, False, False]
    assert all(one["sentence"] for one in answer.json)
    assert bob.post("/task/batch-agree", {"tasks": []}).status_code == 422


def test_remarks_drafts_and_having_read(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob"), approval("B", "cid"))
    task = slot_of(engine, "bob")
    bob = caller("bob")
    assert bob.post(f"/task/{task.id}/comment/create", {"message": "请看附件"}).status_code == 200
    assert [one["message"] for one in bob.get(f"/task/{task.id}/comment").json] == ["请看附件"]
    assert bob.post(f"/task/{task.id}/read").status_code == 204
    assert bob.get(f"/task/{task.id}").json["readAt"] is not None
    assert bob.send("PUT", f"/task/{task.id}/draft", {"variables": {}}).json == {"draftVersion": 1}
    assert bob.send("PUT", f"/task/{task.id}/draft", {"variables": {}, "draftVersion": 7}).status_code == 409
    assert [one["name"] for one in bob.get(f"/task/{task.id}/forecast").json] == ["B"]
    assert [one["kind"] for one in bob.get(f"/task/{task.id}/timeline").json] == ["current", "predicted"]
    assert caller("stranger").get(f"/task/{task.id}/comment").status_code == 404


@pytest.mark.parametrize("box", ["todo", "proxy", "supervise", "done", "mine", "copies"])
def test_boxes_page_by_cursor(engine: Engine, caller: Call, box: str) -> None:
    for _ in range(3):
        begin(engine, approval("A", "bob"))
    login = {"mine": "init"}.get(box, "bob")
    someone = caller(login)
    first = someone.get(f"/boxes/{box}?maxResults=2").json
    if box not in ("todo", "mine"):
        assert first == {"rows": [], "next": None}
        return
    rest = someone.get(f"/boxes/{box}?maxResults=2&cursor={first['next']}").json
    titles = [one["processInstanceId"] for one in first["rows"] + rest["rows"]]
    assert len(set(titles)) == 3
    assert rest["next"] is None
    assert someone.get(f"/boxes/{box}?cursor=xx").status_code == 422
