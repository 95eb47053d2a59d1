"""Sentences say the same in both languages, wherever they travel."""

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Text, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from engine import wording
from engine.errors import DubanError, InvalidInput
from engine.store import SentenceText
from engine.wording import Sentence, both, in_language, listed, named, packed, say, unpacked

WORDS = """
msgid "退回到“{name}”"
msgstr "returned to “{name}”"

msgid "{who}：{what}"
msgstr "{who}: {what}"
"""


@pytest.fixture(autouse=True, scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Add a catalogue of our own."""
    path: Path = tmp_path_factory.mktemp("words") / "english.po"
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n{WORDS}', "utf-8")
    wording.add_catalogue(path)
    yield
    wording._CATALOGUES.remove(path)
    wording._english.cache_clear()


def english(text: str) -> str:
    return in_language(text, wording.ENGLISH)


def test_a_sentence_is_its_chinese_text_and_is_said_in_english_too() -> None:
    sentence = say("退回到“{name}”", name="审批")
    assert (sentence, english(sentence)) == ("退回到“审批”", "returned to “审批”")
    assert in_language(sentence, wording.CHINESE) == "退回到“审批”"


def test_sentences_inside_sentences_and_lists_are_said_in_the_same_language() -> None:
    inner = say("退回到“{name}”", name="A")
    assert english(say("{who}：{what}", who="王", what=listed([inner, "B"]))) == "王: returned to “A”, B"
    assert english(listed([inner, inner], "；")) == "returned to “A”; returned to “A”"
    assert listed([inner, "B"]) == "退回到“A”、B"
    assert listed([]) == english(listed([])) == ""


def test_words_of_people_are_never_taken_for_placeholders_or_languages() -> None:
    assert english(say("退回到“{name}”", name="{name} / Approval")) == "returned to “{name} / Approval”"


def test_a_template_without_english_stays_chinese() -> None:
    assert english(say("没有译文的“{name}”", name="A")) == "没有译文的“A”"


def test_a_text_of_both_languages_gives_each_reader_a_half_also_inside_another() -> None:
    error = DubanError("没有“{a}” / There is no {a}")
    assert str(error) == "没有“{a}” / There is no {a}"
    assert english(say("{who}：{what}", who="王", what=error)) == "王: There is no {a}"
    assert both("12 / 15") == "12 / 15"
    assert not isinstance(both("12 / 15"), Sentence)


def test_an_error_keeps_its_sentences() -> None:
    error = InvalidInput(say("退回到“{name}”", name="A"), {"x": say("退回到“{name}”", name="B")})
    assert (str(error), english(str(error)), english(error.fields["x"])) == (
        "退回到“A”",
        "returned to “A”",
        "returned to “B”",
    )


def _nested() -> Sentence:
    return say("{who}：{what}", who="王", what=listed([say("退回到“{name}”", name="A"), "B"]))


@pytest.mark.parametrize(
    "travelled",
    [pickle.loads(pickle.dumps(_nested())), copy.deepcopy(_nested()), str(_nested()), unpacked(packed(_nested()))],
    ids=["pickle", "copy", "str", "packed"],
)
def test_a_sentence_travels_whole(travelled: str) -> None:
    assert travelled == "王：退回到“A”、B"
    assert english(travelled) == "王: returned to “A”, B"


def test_json_has_the_chinese_text() -> None:
    assert orjson.loads(orjson.dumps({"sentence": _nested()})) == {"sentence": "王：退回到“A”、B"}


def test_a_name_of_both_languages_is_said_within_a_sentence_and_kept_with_it() -> None:
    done = say("退回到“{name}”", name=named("周统筹", "Zhou Tongchou"))
    assert done == "退回到“周统筹”"
    assert english(unpacked(packed(done))) == "returned to “Zhou Tongchou”"
    assert not isinstance(named("周统筹", ""), Sentence)


@given(st.text())
def test_any_words_of_people_can_be_kept(text: str) -> None:
    assert not isinstance(unpacked(packed(text)), Sentence)
    kept = unpacked(packed(say("退回到“{name}”", name=text)))
    assert isinstance(kept, Sentence)
    assert kept.split("\x1e")[0].startswith("退回到“")


class _Base(DeclarativeBase):
    pass


class _Kept(_Base):
    __tablename__ = "kept"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(SentenceText)
    short: Mapped[str] = mapped_column(SentenceText(12), default="")


def test_a_column_of_sentences_gives_them_back_whole() -> None:
    engine = create_engine("sqlite://")
    _Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(_Kept), [{"id": 1, "text": _nested()}, {"id": 2, "text": "旧的"}])
        session.execute(insert(_Kept), [{"id": 3, "text": "", "short": _nested()}])
        first, second, _ = session.scalars(select(_Kept.text).order_by(_Kept.id))
        cut = session.scalar(select(_Kept.short).where(_Kept.id == 3))
        raw = session.execute(select(_Kept.text.expression.cast(Text)).order_by(_Kept.id)).scalars().first()
    assert cut == "王：退回到“A”、B"
    assert (english(first), second) == ("王: returned to “A”, B", "旧的")
    assert str(raw).startswith("王：退回到“A”、B")
