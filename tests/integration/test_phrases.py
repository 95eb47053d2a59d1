"""Opinion phrases: one's own first, the organisation's after them, and nobody else's."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.clock import FakeClock
from engine.errors import InvalidInput, NotFound
from engine.runtime import Engine
from engine.store import Database
from tests.support.turning import make_engine
from tests.support.web import signed_in_client
from workflows.organisation.models import Person
from workflows.phrases.models import Phrase
from workflows.phrases.service import MOST_PHRASES, add_phrase, delete_phrase, phrases_of, raise_phrase


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    with database.write() as session:
        session.add_all([Person(id=1, login="ann", name="安安"), Person(id=9, login="root", name="管理员")])
        session.get_one(Person, 9).is_administrator = True
    return make_engine(database, clock)


@pytest.fixture
def ann(engine: Engine) -> FlaskClient:
    return signed_in_client(engine, person_id=1)


def test_own_phrases_come_first_each_once_and_by_use(engine: Engine) -> None:
    with engine.db.write() as session:
        add_phrase(session, owner_id=None, text="同意。", use="agree")
        add_phrase(session, owner_id=None, text="不符合规定。", use="reject")
        first = add_phrase(session, owner_id=1, text=" 原则 同意 ", use="agree")
        session.flush()
        add_phrase(session, owner_id=1, text="同意。", use="any")
        session.flush()
        with pytest.raises(InvalidInput, match="已有"):
            add_phrase(session, owner_id=1, text="同意。", use="any")
        assert phrases_of(session, 1).fitting("agree") == ["原则 同意", "同意。"]
        assert phrases_of(session, 1).fitting("reject") == ["同意。", "不符合规定。"]
        second = phrases_of(session, 1).own[1]
        raise_phrase(session, phrase_id=second.id, owner_id=1)
        raise_phrase(session, phrase_id=second.id, owner_id=1)
        session.flush()
        assert phrases_of(session, 1).own == (second, first)
        with pytest.raises(NotFound):
            delete_phrase(session, phrase_id=first.id, owner_id=9)


def test_there_is_an_end_to_them(engine: Engine) -> None:
    with engine.db.write() as session:
        session.add_all(Phrase(person_id=1, text=f"第 {number} 条", position=number) for number in range(MOST_PHRASES))
        session.flush()
        with pytest.raises(InvalidInput, match="最多"):
            add_phrase(session, owner_id=1, text="再来一条", use="any")


def test_the_page_keeps_what_was_typed_and_lets_only_administrators_change_everybodys(
    engine: Engine, ann: FlaskClient
) -> None:
    assert "情况属实，同意。" in ann.get("/me/phrases").text
    assert "请及时办理" in ann.post(
        "/me/phrases", data={"text": "请及时办理", "use": "any"}, follow_redirects=True
    ).text  # fmt: skip
    refused = ann.post("/me/phrases", data={"text": "字" * 201, "use": "any"})
    assert refused.status_code == 422
    assert "字" * 201 in refused.text
    assert ann.post("/me/phrases", data={"text": "大家好", "use": "any", "owner": "shared"}).status_code == 404
    root = signed_in_client(engine, person_id=9)
    root.post("/me/phrases", data={"text": "大家好", "use": "any", "owner": "shared"})
    assert "大家好" in ann.get("/me/phrases").text
    with engine.db.read() as session:
        shared = session.scalars(select(Phrase).where(Phrase.person_id.is_(None))).one()
    for operation, status in (("save", 422), ("up", 302), ("nonsense", 422), ("delete", 302)):
        answer = root.post(f"/me/phrases/{shared.id}", data={"operation": operation, "owner": "shared"})
        assert answer.status_code == status
    assert "大家好" not in ann.get("/me/phrases").text
