"""Who is told of what, when, and in whose words."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine import tasks
from engine.calendars import SHANGHAI
from engine.clock import FakeClock
from engine.runtime import Engine
from engine.tasks.models import Slot
from engine.work.drain import drain
from engine.work.models import Errand
from engine.work.outside import next_due_outside, send_due
from tests.integration.notifications.conftest import ADDRESS, KEY, Office
from tests.support.receivers import MailServer
from tests.support.turning import user
from workflows.application import assemble
from workflows.notifications.config import NotificationSettings
from workflows.notifications.preferences import Policy, put_policy
from workflows.organisation.models import Person

ANN = "person(ann)"


def to(mail: MailServer) -> list[tuple[str, str]]:
    return sorted((str(one["To"]).split("@")[0], str(one["Subject"])) for one in mail.letters)


def test_a_task_is_told_its_owner_and_its_end_the_initiator(office: Office, engine: Engine, mail: MailServer) -> None:
    office.begin(user("A", ANN, kind="approval"))
    office.work()
    mine = office.slot(2)
    assert to(mail) == [("ann", "[督办] 新待办：采购申请 · A")]
    assert f"{ADDRESS}/tasks/{mine.id}" in mail.letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    tasks.agree(engine, slot_id=mine.id, actor_id=2)
    office.work()
    assert to(mail)[1:] == [("init", "[督办] 已办结：采购申请")]


def test_everybody_who_may_claim_is_told_and_nobody_twice(office: Office, mail: MailServer) -> None:
    office.begin(user("A", f"{ANN}|person(bob)"))
    office.work()
    office.work()
    assert [name for name, _ in to(mail)] == ["ann", "bob"]


def test_mentions_returns_and_copies_are_told_in_the_persons_language(
    office: Office, engine: Engine, mail: MailServer
) -> None:
    office.prefer(3, language="en", choices={})
    instance = office.begin(user("A", ANN, kind="approval"), user("B", "person(bob)", kind="approval"))
    tasks.agree(engine, slot_id=office.slot(2).id, actor_id=2)
    tasks.add_comment(engine, instance_id=instance, actor_id=1, text="秘密的话 @bob", mentions=[3])
    tasks.return_task(
        engine, slot_id=office.slot(3).id, actor_id=3, version=None, target="A", reason="缺页", mode="again"
    )
    office.work()
    assert to(mail) == [
        ("ann", "[督办] 被退回：采购申请 · A"), ("bob", "[Duban] Mentioned you: 采购申请"),
    ]  # fmt: skip
    assert not any("秘密的话" in str(one) or "缺页" in str(one) for one in mail.letters)


def test_words_are_told_only_where_organisation_and_person_allow_it(
    office: Office, engine: Engine, mail: MailServer
) -> None:
    instance = office.begin(user("A", ANN))
    office.work()

    def mention(level: str, limit: str) -> str:
        office.prefer(2, content=level)
        with engine.db.write() as session:
            put_policy(session, Policy(content=limit))
        tasks.add_comment(engine, instance_id=instance, actor_id=1, text="附言在此 @ann", mentions=[2])
        office.work()
        letter = mail.letters[-1]
        return str(letter["Subject"]) + letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    assert "附言在此" not in mention("details", "title")
    assert "附言在此" in mention("details", "details")
    assert "采购申请" not in mention("title", "minimal")


def test_quiet_hours_keep_a_task_till_morning_and_urging_passes(
    office: Office, engine: Engine, mail: MailServer, clock: FakeClock
) -> None:
    clock.advance_to(datetime(2026, 11, 3, 23, 0, tzinfo=SHANGHAI))
    office.prefer(2, quiet_from=22 * 60, quiet_to=7 * 60)
    office.begin(user("A", ANN))
    office.work()
    assert mail.letters == []
    assert next_due_outside(engine) == datetime(2026, 11, 4, 7, 0, tzinfo=SHANGHAI)
    tasks.urge(engine, slot_id=office.slot(2).id, actor_id=1)
    office.work()
    assert to(mail) == [("ann", "[督办] 催办：采购申请 · A")]
    clock.advance_to(datetime(2026, 11, 4, 7, 0, tzinfo=SHANGHAI))
    office.work()
    assert len(mail.letters) == 2


def test_what_is_done_meanwhile_is_not_told(office: Office, engine: Engine, mail: MailServer, clock: FakeClock) -> None:
    clock.advance_to(datetime(2026, 11, 3, 23, 0, tzinfo=SHANGHAI))
    office.prefer(2, quiet_from=22 * 60, quiet_to=7 * 60)
    office.begin(user("A", ANN), user("B", "person(bob)"))
    office.work()
    tasks.complete(engine, slot_id=office.slot(2).id, actor_id=2)
    clock.advance(timedelta(hours=9))
    office.work()
    assert [name for name, _ in to(mail)] == ["bob"]
    assert ("task", "dropped") in office.deliveries("event", "state")


def test_a_digest_bundles_what_was_collected_once_and_ends_with_one_click(
    office: Office, engine: Engine, mail: MailServer, clock: FakeClock
) -> None:
    clock.advance_to(datetime(2026, 11, 3, 9, 0, tzinfo=SHANGHAI))
    office.begin(user("Z", ANN))
    office.work()
    (email,) = office.channels()
    office.prefer(2, choices={str(email.id): {"task": "digest"}})
    mail.letters.clear()
    for number in range(3):
        office.begin(user("A", ANN), title=f"事项 {number}")
    office.work()
    assert mail.letters == []
    with engine.db.read() as session:
        assert len(session.scalars(select(Errand).where(Errand.subject.startswith("digest:"))).all()) == 1
    clock.advance_to(datetime(2026, 11, 4, 8, 0, tzinfo=SHANGHAI))
    office.work()
    office.work()
    (letter,) = mail.letters
    assert letter["Subject"] == "[督办] 通知摘要（3 条）"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [f"事项 {number}" in text for number in range(3)] == [True] * 3
    assert str(letter["List-Unsubscribe"]).startswith(f"<{ADDRESS}/unsubscribe/")
    clock.advance(timedelta(days=2))
    office.work()
    assert len(mail.letters) == 1


@pytest.mark.parametrize("gone", ["inactive", "no address"])
def test_who_cannot_be_reached_is_left_out(office: Office, engine: Engine, mail: MailServer, gone: str) -> None:
    with engine.db.write() as session:
        person = session.get_one(Person, 2)
        if gone == "inactive":
            person.active = False
        else:
            person.email = None
    office.begin(user("A", f"{ANN}|person(bob)", policy="all"))
    office.work()
    assert [name for name, _ in to(mail)] == ["bob"]


def test_without_any_channel_a_turn_writes_no_errand(office: Office, engine: Engine) -> None:
    silent = assemble(engine.db, clock=engine.clock, notifications=NotificationSettings(key=KEY))
    Office(silent, office.clock).begin(user("A", ANN))
    with engine.db.read() as session:
        assert session.scalars(select(Errand)).all() == []
        assert session.scalars(select(Slot)).one().owner_id == 2


def test_the_drain_never_touches_what_goes_outside(office: Office, engine: Engine, mail: MailServer) -> None:
    office.begin(user("A", ANN))
    while drain(engine):
        pass
    assert mail.letters == []
    assert send_due(engine) == 1
    assert len(mail.letters) == 1


def test_what_went_out_long_ago_is_forgotten(office: Office, clock: FakeClock) -> None:
    office.begin(user("A", ANN), title="旧事")
    office.work()
    clock.advance(timedelta(days=91))
    office.begin(user("A", ANN), title="新事")
    office.work()
    assert office.deliveries("title") == [("新事 · A",)]
