"""The organisation by HTTP: read, dry run, brought to a document, refused, and to whom it exists."""

from collections.abc import Callable

from engine.runtime import Engine
from tests.support.api import Caller
from workflows.access.service import Scope

Make = Callable[..., Caller]
NEW = {"people": [{"login": "eve", "name": "夏娃"}], "holdings": [{"person": "eve", "unit": "office", "post": "clerk"}]}


def test_a_document_that_was_read_changes_nothing_when_it_is_put(caller: Make) -> None:
    boss = caller("boss")
    document = boss.get("/organisation").get_json()
    assert [one["login"] for one in document["people"]][:2] == ["init", "ann"]
    answer = boss.send("PUT", "/organisation?remove=true", document)
    assert answer.status_code == 200
    outcome = answer.get_json()
    assert outcome["applied"]
    assert outcome["errors"] == []
    assert all(one["add"] == one["change"] == one["remove"] == 0 for one in outcome["counts"].values())


def test_a_dry_run_tells_and_the_real_one_changes(caller: Make, engine: Engine) -> None:
    boss = caller("boss")
    outcome = boss.send("PUT", "/organisation?dryRun=true", NEW).get_json()
    assert (outcome["applied"], outcome["counts"]["people"]["add"]) == (False, 1)
    assert boss.get("/organisation/people?code=eve").get_json() == {"rows": [], "count": 0}
    assert boss.send("PUT", "/organisation", NEW).get_json()["applied"]
    (row,) = boss.get("/organisation/people?code=eve").get_json()["rows"]
    assert row["name"] == "夏娃"
    assert boss.get("/organisation/people?maxResults=2&firstResult=1").get_json()["count"] == 8


def test_faults_are_told_by_row_and_nothing_is_changed(caller: Make) -> None:
    boss = caller("boss")
    outcome = boss.send("PUT", "/organisation", {**NEW, "units": [{"code": "a b"}]}).get_json()
    assert not outcome["applied"]
    assert (outcome["errors"][0]["section"], outcome["errors"][0]["row"], outcome["errors"][0]["column"]) == (
        "units", 1, "code",
    )  # fmt: skip
    assert boss.get("/organisation/people?code=eve").get_json()["count"] == 0
    assert boss.send("PUT", "/organisation", {"boss": []}).status_code == 422


def test_only_administrators_with_the_scope_see_it(caller: Make) -> None:
    assert caller("ann").get("/organisation").status_code == 404
    assert caller("ann").send("PUT", "/organisation", NEW).status_code == 404
    assert caller("boss", [Scope.ORGANISATION_READ]).send("PUT", "/organisation", NEW).status_code == 403
    assert caller("boss", [Scope.ORGANISATION_WRITE]).get("/organisation").status_code == 403
