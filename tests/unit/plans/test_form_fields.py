"""Fields of forms keep both languages on their way from the plan to the form."""

from typing import Any

from workflows.plans.compiler.human import default_fields
from workflows.plans.form_fields import FieldSchema, component
from workflows.plans.steps import WorkSchema


def _component(**field: Any) -> dict[str, Any]:
    return component(FieldSchema().load({"key": "a", "label": "得分", **field}))


def test_an_english_label_has_its_unit_as_the_chinese_one_has() -> None:
    made = _component(label_en="Score", type="number", unit="分")
    assert made["label"] == "得分（分）"
    assert made["properties"]["label:en"] == "Score (points)"
    assert "properties" not in _component(type="number", unit="分")


def test_choices_have_an_english_label_where_the_plan_gives_one() -> None:
    made = _component(type="choice", options={"met": "落实 / Met", "no": "否 / No", "none": "不涉及", "half": "1 / 2"})
    assert made["values"] == [
        {"label": "落实", "label:en": "Met", "value": "met"},
        {"label": "否", "label:en": "No", "value": "no"},
        {"label": "不涉及", "value": "none"},
        {"label": "1 / 2", "value": "half"},
    ]
    assert _component(type="choice", options=["是", "否"])["values"][0] == {"label": "是", "value": "是"}


def test_work_without_a_form_is_handed_in_on_fields_of_both_languages() -> None:
    step = WorkSchema().load(
        {
            "of": "自查",
            "code": "check",
            "who": "head",
            "checklist": ["防火 / Fire", "防盗"],
            "evidence": "照片 / Photos",
        }
    )
    fire, theft, photos, result = default_fields(step)
    assert (fire["label"], fire["label_en"]) == ("1. 防火", "1. Fire")
    assert (theft["label"], theft["label_en"]) == ("2. 防盗", "")
    assert fire["options"][0] == {"value": "met", "label": "落实", "label_en": "Met"}
    assert (photos["label"], photos["label_en"]) == ("照片", "Photos")
    assert (result["label"], result["label_en"]) == ("完成情况", "Result")
