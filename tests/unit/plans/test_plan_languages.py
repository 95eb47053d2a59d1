"""What the library's plans tell people stands in them in both languages."""

import re
from pathlib import Path

from engine.wording import CHINESE, ENGLISH, in_language, spoken
from workflows.plans.parameters import hint_of
from workflows.plans.schema import read_plan_file

LIBRARY = Path(__file__).parents[3] / "bpmn"
_HAN = re.compile(r"[\u4e00-\u9fff]")


def _in_both_languages(text: str) -> bool:
    chinese, english = in_language(text, CHINESE), in_language(text, ENGLISH)
    return text.count(" / ") == 1 and bool(_HAN.search(chinese)) and not _HAN.search(english)


def test_launch_parameters_are_explained_in_both_languages() -> None:
    explained = 0
    for path in sorted(LIBRARY.rglob("plan.yaml")):
        for one in read_plan_file(path.read_bytes())["launch"]["parameters"]:
            texts = [one[key] for key in ("open", "description") if one[key]]
            explained += len(texts)
            assert all(map(_in_both_languages, texts)), (path.parent.name, one["name"], texts)
            assert not _HAN.search(spoken(hint_of(one), ENGLISH))
            assert all(map(_in_both_languages, one["choices"].values())), (path.parent.name, one["name"])
    assert explained
