"""Large diagrams stay usable: 5 MB and 2,000 elements are saved, checked, tried out and published."""

import pytest

from engine.runtime import Engine
from tests.support.designing import Speaking, speaking
from tests.support.large import large_diagram

BASE = "/designer/big"


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    client = speaking(engine, "drawer")
    client.page("/designer/new", key="big", name="大图")
    return client


def test_five_megabytes_of_2000_elements_are_saved_checked_and_published(drawer: Speaking) -> None:
    text = large_diagram(3_500)
    assert len(text.encode()) > 5 << 20
    assert text.count(" id=") > 2_000
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"big.bpmn": text}})
    checked = drawer("POST", f"{BASE}/check", {"files": {"big.bpmn": text.replace("第 7 步", "第七步")}})
    assert checked["errors"] == 0
    assert drawer("GET", f"{BASE}/draft")["files"]["big.bpmn"] == text
    assert drawer("POST", f"{BASE}/publish", {"version": 2, "note": "大"})["published"] == 1


def test_2000_elements_are_tried_out(drawer: Speaking) -> None:
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"big.bpmn": large_diagram(0)}})
    state = drawer("POST", f"{BASE}/sandbox", {})
    asked = {"do": "complete", "task": "T0:1", "who": "unit-staff", "values": {}}
    state = drawer("POST", f"{BASE}/sandbox/{state['id']}/steps", asked)
    assert [one["element"] for one in state["tasks"]] == ["T1"]
