"""The server decides what of a submission counts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions.forms import Form
from engine.errors import InvalidInput
from engine.expressions import Evaluator

EVALUATOR = Evaluator()
AT = datetime(2026, 9, 12, 2, tzinfo=UTC)


def form(*components: dict[str, Any]) -> Form:
    return Form.parse(json.dumps({"id": "test", "schemaVersion": 19, "components": list(components)}).encode())


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": f"标签{key}", **more}


def check(subject: Form, data: Any, **more: Any) -> dict[str, Any]:
    return subject.check(data, **{"rights": {}, "stored": {}, "evaluator": EVALUATOR, "at": AT, **more})


def refused(subject: Form, data: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        check(subject, data, **more)
    return caught.value.fields


def test_an_undeclared_field_is_refused_by_name_or_dropped_when_asked() -> None:
    assert "evil" in refused(form(text("a")), {"a": "x", "evil": 1})
    assert check(form(text("a")), {"a": "x", "evil": 1}, strict=False) == {"a": "x"}


def test_an_over_long_text_is_refused_with_its_label() -> None:
    assert refused(form(text("a")), {"a": "字" * 10_001}) == {"a": "“标签a”：最多 10000 个字"}


def test_a_hidden_field_is_dropped_and_not_validated() -> None:
    subject = form(text("kind"), text("why", conditional={"hide": '=kind != "other"'}, validate={"required": True}))
    assert check(subject, {"kind": "x", "why": "forged"}) == {"kind": "x"}
    assert refused(subject, {"kind": "other"}) == {"why": "“标签why”：此项必填"}


def test_a_hidden_group_hides_its_fields() -> None:
    group = {"type": "group", "path": "g", "conditional": {"hide": "=a = 1"}, "components": [text("b")]}
    subject = form({"type": "number", "key": "a", "label": "a"}, group)
    assert check(subject, {"a": 1, "g": {"b": "x"}}) == {"a": 1}
    assert check(subject, {"a": 2, "g": {"b": "x"}}) == {"a": 2, "g": {"b": "x"}}


@pytest.mark.parametrize("right", ["read", "hidden"])
def test_a_field_without_the_right_to_edit_changes_nothing(right: str) -> None:
    kept = check(form(text("a"), text("b")), {"a": "forged", "b": "y"}, rights={"a": right}, stored={"a": "old"})
    assert kept == ({"a": "old", "b": "y"} if right == "read" else {"b": "y"})


@pytest.mark.parametrize("readonly", [True, "=1 = 1"])
def test_a_read_only_field_keeps_the_stored_value_also_for_conditions(readonly: Any) -> None:
    subject = form(text("a", readonly=readonly), text("b", conditional={"hide": '=a = "old"'}))
    assert check(subject, {"a": "forged", "b": "x"}, stored={"a": "old"}) == {"a": "old"}


def test_a_disabled_field_is_dropped() -> None:
    assert check(form(text("a", disabled=True)), {"a": "x"}) == {}


def test_a_computed_field_is_computed_again() -> None:
    subject = form(
        {"type": "number", "key": "n", "label": "n"}, {"type": "expression", "key": "double", "expression": "=n * 2"}
    )
    assert check(subject, {"n": 4, "double": 999}) == {"n": 4, "double": 8}


def test_options_are_checked_for_membership_written_stored_or_computed() -> None:
    written = form({"type": "radio", "key": "a", "label": "a", "values": [{"value": "x", "label": "X"}]})
    assert check(written, {"a": "x"}) == {"a": "x"}
    assert refused(written, {"a": "y"}) == {"a": "“a”：选项无效"}
    stored = form({"type": "select", "key": "a", "label": "a", "valuesKey": "list"})
    assert check(stored, {"a": "p"}, stored={"list": ["p"]}) == {"a": "p"}
    assert "list" in refused(stored, {"a": "q", "list": ["q"]}, stored={"list": ["p"]})
    computed = form({"type": "checklist", "key": "a", "label": "a", "valuesExpression": "=for i in 1..3 return i"})
    assert check(computed, {"a": [1, 3]}) == {"a": [1, 3]}
    assert "a" in refused(computed, {"a": [1, 4]})


@pytest.mark.parametrize(
    ("component", "value", "sentence"),
    [
        ({"type": "number", "validate": {"min": 1}}, 0, "不能小于 1"),
        ({"type": "number", "validate": {"max": "=2 + 3"}}, 6, "不能大于 5"),
        ({"type": "number", "decimalDigits": 1}, 1.25, "最多 1 位小数"),
        ({"type": "number"}, "NaN", "请输入数字"),
        ({"type": "number"}, "1e999999", "数字过大或过小"),
        ({"type": "number"}, True, "请输入数字"),
        ({"type": "textfield", "validate": {"pattern": "^1[3-9]\\d{9}$"}}, "123", "格式不正确"),
        ({"type": "textfield", "validate": {"minLength": 3}}, "ab ", "至少 3 个字"),
        ({"type": "textfield"}, {"a": 1}, "格式不正确"),
        ({"type": "checkbox", "validate": {"required": True}}, False, "此项必填"),
        ({"type": "datetime", "subtype": "date"}, "2026-02-30", "日期格式不正确"),
        ({"type": "datetime", "disallowPassedDates": True}, "2026-09-11", "不能早于今天"),
        ({"type": "filepicker", "validate": {"required": True}}, [], "此项必填"),
        ({"type": "filepicker"}, ["1", "2"], "最多 1 个附件"),
        ({"type": "dynamiclist", "path": "f", "components": []}, [{}] * 1001, "最多 1000 行"),
    ],
)
def test_rules_are_checked_and_named(component: dict[str, Any], value: Any, sentence: str) -> None:
    assert refused(form({"key": "f", "label": "项", **component}), {"f": value}) == {"f": f"“项”：{sentence}"}


def test_an_error_in_a_list_names_its_row() -> None:
    subject = form(
        {
            "type": "dynamiclist",
            "path": "rows",
            "label": "问题",
            "components": [text("name", validate={"required": True})],
        }
    )
    assert check(subject, {"rows": [{"name": "a"}]}) == {"rows": [{"name": "a"}]}
    assert refused(subject, {"rows": [{"name": "a"}, {"name": ""}]}) == {"rows[1].name": "“标签name”：此项必填"}
    assert "rows[0].evil" in refused(subject, {"rows": [{"name": "a", "evil": 1}]})


def test_a_draft_may_be_incomplete_but_not_misshapen() -> None:
    subject = form(text("a", validate={"required": True}), {"type": "number", "key": "n", "label": "n"})
    assert check(subject, {"n": 1}, partial=True) == {"n": 1}
    assert "n" in refused(subject, {"n": "many"}, partial=True)


@pytest.mark.parametrize("kind", ["html", "iframe", "documentPreview", "rocket", None])
def test_an_unknown_or_unsafe_component_is_refused_with_its_place(kind: Any) -> None:
    with pytest.raises(InvalidInput, match=r"components\[0\]"):
        form({"type": kind, "key": "a"})


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schemaVersion": 20, "components": []}', b"[" * 100_000])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        Form.parse(content)


def test_labels_summary_and_attachments_are_read_off_the_form() -> None:
    subject = form(
        text("a", properties={"label:en": "A", "summary": "true"}), {"type": "filepicker", "key": "f", "multiple": True}
    )
    assert [field.label_for("en") for field in subject.summary] == ["A"]
    assert [field.key for field in subject.attachment_fields] == ["f"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda v: st.lists(v) | st.dictionaries(st.text(max_size=3), v),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "n", "d", "c", "f", "rows", "x"]), JSON))
def test_any_submission_is_cleaned_or_refused_with_sentences(data: dict[str, Any]) -> None:
    subject = form(
        text("a"), {"type": "number", "key": "n", "label": "n"}, {"type": "datetime", "key": "d", "label": "d"},
        {"type": "checklist", "key": "c", "label": "c", "values": []}, {"type": "filepicker", "key": "f", "label": "f"},
        {"type": "dynamiclist", "path": "rows", "label": "rows", "components": [text("a")]},
    )  # fmt: skip
    sentences: dict[str, str] = {}
    cleaned: dict[str, Any] | None = None
    try:
        cleaned = check(subject, data)
    except InvalidInput as error:
        sentences = error.fields
    assert json.dumps(cleaned)
    assert (cleaned is None) == bool(sentences)
