"""Comments: a mention tells people and opens the way; one's own can be changed for minutes; none is an opinion."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.history.models import HistoryLine
from engine.instances import start_instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Comment, CommentFile, Copy, Notice, Slot
from tests.support.turning import diagram, line, process, publish, user
from tests.support.web import signed_in_client
from workflows.notifications.mentions import find_mentions
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Person
from workflows.organisation.people import Organisation

PEOPLE = {1: ("init", "申请人"), 2: ("bob", "鲍勃"), 3: ("ann", "安安"), 4: ("ann2", "安安"), 5: ("cid", "西德")}
Client = Callable[[int], FlaskClient]


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    with database.write() as session:
        session.add_all(Person(id=number, login=login, name=name) for number, (login, name) in PEOPLE.items())
    return Engine(db=database, clock=clock, people=Organisation(), calendars=UnitCalendars(), services={})


@pytest.fixture
def instance_id(engine: Engine) -> int:
    nodes = line(user("A", "person(bob)", kind="approval"), user("B", "person(cid)", kind="approval"))
    version = publish(engine, {"main.bpmn": diagram(process("main", nodes))})
    return start_instance(
        engine, version_id=version, process_id="main", variables={}, title="采购申请", initiator_id=1, unit_id=None
    )


@pytest.fixture
def client(engine: Engine) -> Client:
    return lambda number: signed_in_client(engine, person_id=number)


def notices(engine: Engine, kind: str = "mention") -> list[int]:
    with engine.db.read() as session:
        return list(session.scalars(select(Notice.person_id).where(Notice.kind == kind).order_by(Notice.id)))


def comment_id(engine: Engine) -> int:
    with engine.db.read() as session:
        return session.scalars(select(Comment.id).order_by(Comment.id.desc())).first() or pytest.fail("no comment")


def test_a_mention_tells_who_sees_it_and_copies_to_who_does_not(engine: Engine, instance_id: int) -> None:
    done = tasks.add_comment(engine, instance_id=instance_id, actor_id=1, text="@鲍勃 @西德 请看", mentions=[2, 5])
    assert done.sentence == "评论已发表，已提醒 鲍勃、西德，并抄送 西德"
    assert notices(engine) == [2, 5]
    with engine.db.read() as session:
        assert session.scalars(select(Copy.person_id)).all() == [5]
    tasks.add_comment(engine, instance_id=instance_id, actor_id=5, text="已看 @申请人", mentions=[1])
    with pytest.raises(InvalidInput, match="看不到这个流程"):
        tasks.add_comment(engine, instance_id=instance_id, actor_id=5, text="@安安", mentions=[3])


def test_a_stranger_can_neither_comment_nor_read_along(engine: Engine, instance_id: int, client: Client) -> None:
    with pytest.raises(NotFound):
        tasks.add_comment(engine, instance_id=instance_id, actor_id=3, text="我也来说")
    assert client(3).get(f"/instances/{instance_id}/people?q=").status_code == 404
    assert client(3).post(f"/instances/{instance_id}/comments", data={"text": "x"}).status_code == 404


def test_an_author_may_change_and_delete_for_some_minutes_with_a_trace(
    engine: Engine, instance_id: int, clock: FakeClock
) -> None:
    tasks.add_comment(engine, instance_id=instance_id, actor_id=1, text="第一稿")
    mine = comment_id(engine)
    with pytest.raises(NotAllowed):
        tasks.edit_comment(engine, comment_id=mine, actor_id=2, text="替你改")
    tasks.edit_comment(engine, comment_id=mine, actor_id=1, text="第二稿 @鲍勃", mentions=[2])
    tasks.edit_comment(engine, comment_id=mine, actor_id=1, text="第三稿 @鲍勃", mentions=[2])
    assert notices(engine) == [2]
    tasks.delete_comment(engine, comment_id=mine, actor_id=1)
    with engine.db.read() as session:
        assert session.get_one(Comment, mine).text == ""
        lines = session.scalars(
            select(HistoryLine).where(HistoryLine.operation.startswith("comment")).order_by(HistoryLine.sequence)
        ).all()
        assert [(one.operation, one.detail.get("before")) for one in lines] == [
            ("comment", None), ("comment_edit", "第一稿"), ("comment_edit", "第二稿 @鲍勃"),
            ("comment_delete", "第三稿 @鲍勃"),
        ]  # fmt: skip
    tasks.add_comment(engine, instance_id=instance_id, actor_id=1, text="晚了就不能改")
    clock.advance(timedelta(minutes=11))
    with pytest.raises(NotAllowed, match="10 分钟"):
        tasks.delete_comment(engine, comment_id=comment_id(engine), actor_id=1)


def test_a_comment_is_never_an_opinion(engine: Engine, instance_id: int) -> None:
    tasks.add_comment(engine, instance_id=instance_id, actor_id=2, text="同意")
    with engine.db.read() as session:
        slot = session.scalars(select(Slot)).one()
        assert (slot.state, slot.opinion) == ("ready", None)


def test_names_are_found_without_spaces_around_them(engine: Engine) -> None:
    with engine.db.read() as session:

        def called(text: str, among: set[int], *, anybody: bool = False) -> tuple[int, ...]:
            return find_mentions(session, text, among=among, anybody=anybody).people

        assert called("@鲍勃请看，@申请人也看", {1, 2}) == (2, 1)
        assert called("发到 bob@example.org，抄 @bob", {2}) == (2,)
        assert called("@ann2 和 @ann", {3, 4}) == (4, 3)
        assert called("@安安", {3}, anybody=True) == (3,)
        assert called("@安安(ann2)", {3, 4}) == (4,)
        assert called("@西德", {1, 2}) == ()
        assert called("@西德", {1, 2}, anybody=True) == (5,)
        assert find_mentions(session, "@安安 @无名氏，你好", among={3, 4}, anybody=False).unknown == ("安安", "无名氏")
        assert called("@" * 500 + "鲍勃", {2}) == (2,)


def test_the_page_marks_mentions_escapes_the_rest_and_serves_files(
    engine: Engine, instance_id: int, client: Client
) -> None:
    author = client(1)
    address = f"/instances/{instance_id}/comments"
    sent = {"text": "@鲍勃 <script>x</script>", "files": [(BytesIO(b"a,b\n1,2\n"), "数据.csv")], "key": "k1"}
    answer = author.post(address, data=sent, follow_redirects=True).text
    assert '<span class="mention">@鲍勃</span> &lt;script&gt;' in answer
    author.post(address, data={**sent, "files": [(BytesIO(b"a,b\n1,2\n"), "数据.csv")]})
    with engine.db.read() as session:
        file = session.scalars(select(CommentFile)).one()
    assert client(2).get(f"/comments/files/{file.id}").data == b"a,b\n1,2\n"
    assert client(5).get(f"/comments/files/{file.id}").status_code == 404
    refused = author.post(address, data={"text": "看附件", "files": [(BytesIO(b"MZ"), "x.exe")]})
    assert refused.status_code == 422
    assert "看附件" in refused.text
    offered = author.get(f"/instances/{instance_id}/people?q=西").json
    assert [(one["text"], bool(one["note"])) for one in offered] == [("西德", True)]
    assert client(2).get(f"/comments/{comment_id(engine)}/edit").status_code == 404
    author.post(f"/comments/{comment_id(engine)}", data={"text": "改过"})
    assert "修改于" in author.get(f"/instances/{instance_id}").text
    author.post(f"/comments/{comment_id(engine)}/delete")
    assert "评论已由作者删除" in author.get(f"/instances/{instance_id}").text
    assert author.get(f"/comments/files/{file.id}").status_code == 404
