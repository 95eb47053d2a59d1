"""Findings that a workbook brings get instances of their own in the background: on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine.calendars import SHANGHAI
from engine.errors import Conflict, NotAllowed
from engine.instances import resume, suspend, terminate
from engine.instances.models import Instance
from engine.store import Database
from engine.tasks.boxes import inbox
from engine.work.drain import drain
from engine.work.models import Errand
from tests.support.api import api_app
from tests.support.campaigns import Launched
from tests.support.databases import PostgresFactory
from tests.support.ledgers import PLAN, cures, enter, findings_of, one_chunk, workbook_of, world_of
from tests.support.together import at_once, wait_until_held_up
from tests.support.web import signed_in_client
from workflows.campaigns.models import Campaign
from workflows.campaigns.moving import decide_move, propose_move
from workflows.findings.bulk import Entered, change_many, enter_workbook, urge_many
from workflows.findings.incidents import go_on_starting
from workflows.findings.models import Finding
from workflows.findings.starting import CHUNK, HELD, Starting, start_some, starting
from workflows.plans.file import read_lines
from workflows.plans.schema import problems_of

MORE = CHUNK + 2


def _progress(world: Launched) -> Starting | None:
    with world.engine.db.read() as session:
        return starting(session, session.get_one(Campaign, world.campaign.id))


def test_each_entered_finding_gets_an_instance_and_its_people_a_task(database: Database) -> None:
    world = world_of(database)
    assert enter(world, 3) == Entered(3, "cure")
    assert [one.instance_id for one in findings_of(world)] == [None] * 3
    world.settle()
    findings = findings_of(world)
    assert len({one.instance_id for one in findings} - {None}) == 3
    assert [one.state for one in findings] == ["rectifying"] * 3
    with world.engine.db.read() as session:
        found = session.get_one(Instance, findings[0].instance_id)
        assert (found.title, found.root_id) == ("一班问题 2026-001", world.campaign.instance_id)
        page = inbox(world.engine, session, person_id=world.logins["c1-head"], box="todo")
        assert {row.title for row in page.rows} >= {"第0条 2026-04-30 7", "第2条 2026-04-30 7"}
    world.do("rectify", "c2", {"result": "已修好"})
    assert [one.state for one in findings_of(world)] == ["rectifying", "closed", "rectifying"]


def test_without_a_limit_the_end_of_the_rectification_counts_as_for_a_submission(database: Database) -> None:
    world = world_of(database)
    enter(world, 1)
    (finding,) = findings_of(world)
    assert finding.due is not None
    assert f"{finding.due.astimezone(SHANGHAI):%m-%d %H:%M}" == "04-30 23:59"


def test_the_background_goes_in_chunks_and_says_how_far_it_is(database: Database) -> None:
    world = world_of(database)
    enter(world, MORE)
    assert _progress(world) == Starting(0, 0, MORE, "", suspended=False)
    one_chunk(world)
    assert (cures(world), _progress(world)) == (CHUNK, Starting(CHUNK, 0, MORE, "", suspended=False))
    enter(world, 1)
    assert _progress(world) == Starting(CHUNK, 0, MORE + 1, "", suspended=False)
    world.settle()
    assert (cures(world), _progress(world)) == (MORE + 1, None)


def test_a_chunk_done_again_starts_none_twice(database: Database) -> None:
    world = world_of(database)
    enter(world, MORE)
    with world.engine.db.read() as session:
        payload = dict(session.scalars(select(Errand.payload)).one())
    for _ in range(3):
        with world.engine.db.write() as session:
            start_some(world.engine, session, Errand(kind="findings.start", payload=payload))
    assert cures(world) == MORE
    world.settle()
    assert cures(world) == MORE


def test_a_chunk_that_cannot_be_begun_leaves_nothing_and_goes_on_when_it_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(database)
    enter(world, 2)
    with monkeypatch.context() as broken:
        broken.setattr("workflows.findings.starting._next_of", lambda *_: 1 / 0)
        world.settle()
    assert (cures(world), [one.instance_id for one in findings_of(world)]) == (0, [None, None])
    progress = _progress(world)
    assert progress is not None
    assert (progress.done, progress.problem) == (0, "ZeroDivisionError: division by zero")
    with pytest.raises(NotAllowed):
        go_on_starting(world.engine, campaign_id=world.campaign.id, actor_id=world.logins["c1-head"])
    go_on_starting(world.engine, campaign_id=world.campaign.id, actor_id=world.logins["organiser"])
    world.settle()
    assert (cures(world), _progress(world)) == (2, None)


def test_two_workers_at_once_start_each_finding_once(database: Database) -> None:
    world = world_of(database)
    enter(world, 2 * MORE)
    at_once([lambda: drain(world.engine, budget_seconds=60)] * 2)
    world.settle()
    findings = findings_of(world)
    assert (cures(world), len({one.instance_id for one in findings})) == (2 * MORE, 2 * MORE)


def test_a_finding_with_an_instance_already_is_left_alone(database: Database) -> None:
    world = world_of(database)
    enter(world, 2)
    with database.write() as session:
        session.execute(update(Finding).where(Finding.number == 1).values(instance_id=world.campaign.instance_id))
    world.settle()
    assert (cures(world), findings_of(world)[0].instance_id) == (1, world.campaign.instance_id)


def test_a_plan_without_a_process_leaves_rows(database: Database) -> None:
    world = world_of(database, PLAN)
    assert enter(world, 2) == Entered(2, "")
    world.settle()
    assert (cures(world), [one.state for one in findings_of(world)]) == (0, ["open", "open"])


def test_the_one_process_of_the_steps_is_taken_where_the_plan_names_none(database: Database) -> None:
    work = "{work: 自查, code: look, who: teacher}"
    start = "{service: findings.start, with: {element: look, process: cure}}"
    world = world_of(database, PLAN.replace(work, f"{work}, {start}"))
    assert enter(world, 1) == Entered(1, "cure")


def test_a_campaign_that_is_suspended_or_over_takes_nothing_in(database: Database) -> None:
    world = world_of(database)
    enter(world, MORE)
    whole = {"instance_id": world.campaign.instance_id, "actor_id": world.logins["admin"], "reason": "汛期"}
    suspend(world.engine, **whole)
    world.settle()
    assert (cures(world), _progress(world)) == (0, Starting(0, 0, MORE, "", suspended=True))
    with pytest.raises(NotAllowed, match="已暂停"):
        enter(world, 1)
    resume(world.engine, **whole)
    world.go_to("2026-03-02 09:02")
    assert cures(world) == MORE
    enter(world, 1)
    terminate(world.engine, **whole)
    world.settle()
    assert (cures(world), _progress(world)) == (MORE, None)
    with pytest.raises(NotAllowed, match="已经结束"):
        enter(world, 1)


def _client(world: Launched, who: str) -> FlaskClient:
    return signed_in_client(world.engine, person_id=world.logins[who])


def _upload(client: FlaskClient, address: str) -> str:
    sent = {"workbook": (BytesIO(workbook_of([("c1", "门锁坏"), ("c2", "窗户坏")])), "file.xlsx")}
    return client.post(f"{address}/workbook", data=sent, follow_redirects=True).text


def test_the_ledger_page_shows_how_far_it_is(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(database)
    office, address = _client(world, "organiser"), f"/campaigns/{world.campaign.id}/ledger"
    page = _upload(office, address)
    assert "已登记 2 条问题，后台正在逐条发起整改。" in page
    assert "正在逐条发起整改：0 / 2" in page
    assert "正在逐条发起整改" not in _client(world, "c1-head").get(address).text
    with monkeypatch.context() as broken:
        broken.setattr("workflows.findings.starting._next_of", lambda *_: 1 / 0)
        world.settle()
    assert "发起整改时出错，停在 0 / 2" in office.get(address).text
    office.post(f"{address}/starting")
    part = {"HX-Request-Type": "partial"}
    assert "正在逐条发起整改：0 / 2" in office.get(f"{address}/starting", headers=part).text
    world.settle()
    assert "逐条发起整改已结束。" in office.get(f"{address}/starting", headers=part).text
    assert "发起整改" not in office.get(address).text
    assert _client(world, "stranger").get(f"{address}/starting", headers=part).status_code == 404


def test_the_page_says_when_rows_stay_rows(database: Database) -> None:
    world = world_of(database, PLAN)
    page = _upload(_client(world, "organiser"), f"/campaigns/{world.campaign.id}/ledger")
    assert "方案没有写明由哪个流程办理" in page


def test_programs_enter_findings_and_follow_their_instances(database: Database) -> None:
    world = world_of(database)
    app = api_app(world.engine)
    office = world.caller(app, "organiser")
    content = workbook_of([("c1", "门锁坏"), ("c2", "窗户坏")])
    assert office.upload(f"{world.address}/finding/workbook", "workbook", content).json == {
        "count": 2,
        "process": "cure",
    }
    expected: dict[str, Any] = {
        "running": True, "done": 0, "failed": 0, "total": 2, "problem": "", "suspended": False,
    }  # fmt: skip
    assert office.get(f"{world.address}/finding/starting").json == expected
    assert office.post(f"{world.address}/finding/starting/retry").json == expected
    world.settle()
    assert office.get(f"{world.address}/finding/starting").json == {"running": False}
    rows = office.get(f"{world.address}/finding").json["rows"]
    assert all(row["instanceId"] for row in rows)
    assert office.get(f"/task?processInstanceId={rows[0]['instanceId']}").status_code == 200
    assert world.caller(app, "c1-head").get(f"{world.address}/finding/starting").status_code == 403
    assert world.caller(app, "stranger").get(f"{world.address}/finding/starting").status_code == 404


@pytest.mark.parametrize(
    ("written", "sentence"),
    [("process: none", "没有流程“none”"), ("process: ask", "流程“ask”须写 starts: call")],
)
def test_a_ledger_names_a_process_that_can_be_called(written: str, sentence: str) -> None:
    raw, _ = read_lines(f"{PLAN}ledger: {{{written}}}\n".encode(), "plan.yaml")
    _, problems = problems_of(raw)
    assert [(one.place, one.message.partition(" / ")[0][: len(sentence)]) for one in problems] == [
        ("ledger.process", sentence)
    ]


def test_a_double_click_enters_a_workbook_once_and_a_colleague_is_told_who_did(database: Database) -> None:
    world = world_of(database)
    content = workbook_of([("c1", "门锁坏"), ("c2", "窗户坏")])

    def bring(who: str, key: str) -> Entered:
        actor_id = world.logins[who]
        return enter_workbook(
            world.engine, campaign_id=world.campaign.id, actor_id=actor_id, content=content, key=key
        )  # fmt: skip

    click = partial(bring, "organiser", "page")
    assert at_once([click, click]) == [Entered(2, "cure")] * 2
    refused = at_once([partial(bring, "leader", "other")])[0]
    assert isinstance(refused, Conflict)
    assert str(refused).startswith("这份表格已由organiser登记过（2 条）")
    assert isinstance(at_once([partial(bring, "organiser", "page again")])[0], Conflict)
    world.settle()
    assert (len(findings_of(world)), cures(world)) == (2, 2)


def test_of_two_who_bring_the_same_workbook_at_once_one_enters_it(database: Database) -> None:
    world = world_of(database)
    content = workbook_of([("c1", "门锁坏")])
    bring = partial(enter_workbook, world.engine, campaign_id=world.campaign.id, content=content)
    answers = at_once([partial(bring, actor_id=world.logins[who], key=who) for who in ("organiser", "leader")])
    assert {type(one) for one in answers} == {Entered, Conflict}
    assert len(findings_of(world)) == 1


def test_a_second_click_urges_nobody_again(database: Database) -> None:
    world = world_of(database)
    enter(world, 3)
    world.settle()
    office, address = _client(world, "organiser"), f"/campaigns/{world.campaign.id}/ledger"
    form = {"operation": "urge", "all": "1", "key": "page"}
    for _ in range(2):
        assert "已办理 3 条问题。" in office.post(address, data=form, follow_redirects=True).text
    assert {one.urged_count for one in findings_of(world)} == {1}
    office.post(address, data={**form, "all": "", "finding": str(findings_of(world)[0].id)})
    assert [one.urged_count for one in findings_of(world)] == [2, 1, 1]
    assert 'name="key" value="' in office.get(address).text


def test_a_chunk_and_a_workbook_do_not_hold_up_a_change_of_all_findings(database: Database) -> None:
    world = world_of(database)
    enter(world, 2 * MORE)
    ids = [one.id for one in findings_of(world)]
    office = {"campaign_id": world.campaign.id, "actor_id": world.logins["organiser"]}
    urge = partial(change_many, world.engine, urge_many, ids=ids[::-1], **office)
    done = at_once([partial(drain, world.engine, budget_seconds=60), urge, urge, partial(enter, world, 5)])
    assert done[1:] == [2 * MORE, 2 * MORE, Entered(5, "cure")]
    world.clock.advance(HELD)  # a chunk that found all its findings held has put itself off so long
    world.settle()
    assert {one.urged_count for one in findings_of(world)[: 2 * MORE]} == {2}
    assert cures(world) == 2 * MORE + 5


def test_findings_that_are_being_started_while_a_phase_is_moved_have_its_new_days(
    postgres_factory: PostgresFactory,
) -> None:
    url = postgres_factory.create()
    world = world_of(Database(url))
    enter(world, 3)
    days: dict[str, Any] = {"phase": "study", "starts": None, "ends": date(2026, 5, 10), "reason": "台风"}
    move = propose_move(world.engine, campaign_id=world.campaign.id, actor_id=world.logins["organiser"], **days)
    decide = partial(
        decide_move, world.engine, move_id=move.id, agree=True, opinion="", actor_id=world.logins["leader"]
    )  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        with world.engine.db.write() as session:
            start_some(world.engine, session, session.scalars(select(Errand)).one())
            decided = pool.submit(decide)
            wait_until_held_up(session, decided)
        decided.result(timeout=30)
    world.settle()
    with world.engine.db.read() as session:
        cured = session.scalars(select(Instance).where(Instance.process_id == "cure")).all()
    assert [one.variables["study_ends"] for one in cured] == ["2026-05-10"] * 3
    world.engine.db.close()
    postgres_factory.discard(url)
