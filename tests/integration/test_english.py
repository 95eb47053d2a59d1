"""Who reads English reads the system's sentences in English, on pages, in JSON, in notices and long after."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.history import verify
from engine.instances import start_instance
from engine.instances.models import Incident
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Notice
from engine.wording import CHINESE, ENGLISH, Sentence, in_language
from tests.support.api import LOGINS, Caller, api_app, approval, number_of, slot_of, token_for
from tests.support.turning import diagram, line, process, publish, user
from tests.support.web import signed_in_client
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Person, Unit
from workflows.organisation.people import Organisation

Client = Callable[[str], FlaskClient]


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    with database.write() as session:
        session.add(Unit(id=1, code="office", name="Office", kind="office"))
        for number, login in enumerate(LOGINS, 1):
            session.add(Person(id=number, login=login, name=login.title(), is_administrator=login == "boss"))
    return Engine(db=database, clock=clock, people=Organisation(), calendars=UnitCalendars(), services={})


@pytest.fixture
def client(engine: Engine) -> Client:
    def make(login: str) -> FlaskClient:
        client = signed_in_client(engine, person_id=number_of(login))
        client.set_cookie("lang", "en")
        return client

    return make


def begin(engine: Engine, *nodes: str) -> int:
    version = publish(engine, {"main.bpmn": diagram(process("main", line(*nodes)))})
    with engine.db.write() as session:
        session.get_one(PackageVersion, version).name = "Purchases"
    return start_instance(
        engine, version_id=version, process_id="main", variables={}, title="Purchase", initiator_id=1, unit_id=1
    )


def chinese(page: str) -> list[str]:
    """Return what is Chinese on a page, but for the name of the Chinese language and what scripts carry."""
    shown = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    return [text for text in re.findall(r"[^<>\n]*[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][^<>\n]*", shown)
            if "中文" not in text]  # fmt: skip


def test_a_stranger_and_a_latecomer_are_refused_in_english(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "ann"))
    task = slot_of(engine, "ann")
    missing = client("bob").get(f"/tasks/{task.id}")
    assert missing.status_code == 404
    assert "There is no such task" in missing.text
    assert chinese(missing.text) == []
    ann = client("ann")
    ann.post(f"/tasks/{task.id}", data={"operation": "agree", "version": "1"})
    late = ann.post(f"/tasks/{task.id}", data={"operation": "agree", "version": "1"})
    assert late.status_code == 409
    assert re.search(r"Ann dealt with it at \d\d-\d\d \d\d:\d\d", late.text)
    assert chinese(late.text) == []


def test_refusals_forms_and_results_of_a_task_are_english(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "ann"), approval("B", "bob"))
    ann = client("ann")
    ann.post(f"/tasks/{slot_of(engine, 'ann').id}", data={"operation": "agree", "version": "1"})
    mine, bob = slot_of(engine, "bob"), client("bob")
    page = bob.get(f"/tasks/{mine.id}")
    assert chinese(page.text) == []
    wrong = bob.post(f"/tasks/{mine.id}/ask/transfer", data={"version": "2", "people": "999", "words": "busy"})
    assert wrong.status_code in (404, 422)
    assert chinese(wrong.text) == []
    dialogue = bob.get(f"/tasks/{mine.id}/return")
    assert chinese(dialogue.text) == []
    form = bob.get(f"/tasks/{mine.id}/ask/transfer").text
    hidden = dict(re.findall(r'<input type="hidden"\s+name="([a-z_]+)"\s+value="([^"]*)"', form))
    done = bob.post(
        f"/tasks/{mine.id}/ask/transfer", data={**hidden, "people": "4", "words": "away"}, follow_redirects=True
    )
    assert "Transferred to Cid" in done.text
    assert chinese(done.text) == []


def test_notices_are_read_in_the_language_of_whoever_reads_them(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "ann"))
    tasks.transfer(engine, slot_id=slot_of(engine, "ann").id, actor_id=2, target_id=3, reason="away")
    page = client("bob").get("/notices")
    assert "Transferred to you: Purchase · A" in page.text
    assert chinese(page.text) == []
    with engine.db.read() as session:
        title = session.scalars(select(Notice.title).where(Notice.person_id == 3)).one()
    assert (title, in_language(title, CHINESE)) == ("转办给您：Purchase · A", "转办给您：Purchase · A")
    assert isinstance(title, Sentence)


def test_an_incident_is_kept_in_both_languages_and_the_record_still_proves_itself(engine: Engine) -> None:
    number = begin(engine, user("A", "", kind="approval", emptyApproverTo="none"), user("B", "2"))
    with engine.db.read() as session:
        message = session.scalars(select(Incident.message).where(Incident.instance_id == number)).one()
        assert verify(session) == []
    assert in_language(message, ENGLISH) == "Nobody is found for “A” (no rule)"


def test_programs_get_english_by_accept_language_and_the_same_codes(engine: Engine) -> None:
    begin(engine, approval("A", "ann"), approval("B", "bob"))
    ann = Caller(api_app(engine), token_for(engine, "ann"))
    english = {"Accept-Language": "en"}
    refused = [ann.get("/task/1", headers=headers) for headers in ({}, english)]
    assert [one.json["code"] for one in refused] == ["not-found", "not-found"]
    assert [one.json["detail"] for one in refused] == ["没有这个待办", "There is no such task"]
    task = ann.get(f"/task/{slot_of(engine, 'ann').id}", headers=english)
    reasons = [one["reason"] for one in task.json["available_actions"] if one["reason"]]
    assert "You cannot urge yourself" in reasons
    assert chinese("\n".join(reasons)) == []


def test_a_request_for_more_time_lies_in_the_inbox_in_english(engine: Engine, client: Client) -> None:
    begin(engine, approval("A", "ann", due="P3D", extendBy="person(boss)"))
    due = engine.clock.now() + timedelta(days=9)
    tasks.ask_extension(engine, slot_id=slot_of(engine, "ann").id, actor_id=2, due=due, reason="away")
    inbox = client("boss").get("/inbox")
    assert "More time: Purchase · A" in inbox.text
    assert chinese(inbox.text) == []
