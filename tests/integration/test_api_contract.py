"""Schemathesis plays the whole OpenAPI document against the API: no 500, no answer that the document does not name.

Once with what it makes up, once with identifiers that exist, so that hostile fields get past the first look-up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances.models import Incident, Instance
from engine.store import Database
from engine.tasks.models import Slot
from tests.conftest import MONDAY_MORNING
from tests.support.api import api_app, approval, begin, number_of, small_office, token_for
from tests.support.databases import SqliteFactory
from tests.support.parts import EVERY_PART, fill_every_part, part_world
from tests.support.turning import user

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
World = tuple[Any, str, dict[str, str]]
BOUNDED = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def world(sqlite_factory: SqliteFactory) -> Iterator[World]:
    """The application, a token of somebody who may do everything, and identifiers of what there is."""
    database = Database(sqlite_factory.create())
    engine = small_office(database, FakeClock(MONDAY_MORNING))
    begin(
        engine, approval("A", "boss", "cid", policy="vote", voteRatio="1/2", due="3 working days"), approval("B", "dan")
    )
    begin(engine, user("W", "person(boss)"), approval("B", "dan"))
    with database.write() as session:
        parts = part_world(database, session, EVERY_PART, {"a": "ward", "b": "ward"})
        fill_every_part(parts, "a", "b")
        campaign = str(parts.campaign.id)
    with engine.db.read() as session:
        first = session.scalars(select(Slot).where(Slot.owner_id == number_of("boss"))).first()
        assert first is not None
        ids = {
            "task_id": str(first.id),
            "instance_id": str(session.scalars(select(Instance.id)).first()),
            "definition_id": str(session.scalars(select(PackageVersion.id)).first()),
            "incident_id": str(session.scalars(select(Incident.id)).first() or 1),
            "batch_id": "1",
            "attachment_id": "1",
            "campaign_id": campaign,
            "key": str(session.scalars(select(PackageVersion.key)).first()),
        }
    yield api_app(engine, COMPRESS_MIN_SIZE=2**30), token_for(engine, "boss"), ids
    database.close()
    sqlite_factory.discard(database.url)


Use = Callable[[Case, dict[str, str]], None]


def as_made_up(_case: Case, _ids: dict[str, str]) -> None:
    """Leave a case as it is: what it names does hardly ever exist."""


def of_what_exists(case: Case, ids: dict[str, str]) -> None:
    """Let a case be about what there is; tasks are only tried out, so that they stay open for the next case."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = ids.get(name, case.path_parameters[name])
    if isinstance(case.body, dict) and "/task/" in case.path:
        case.body["dryRun"] = True


@pytest.mark.parametrize(
    ("mode", "use", "examples"),
    [
        pytest.param(GenerationMode.POSITIVE, of_what_exists, 4, id="valid"),
        pytest.param(GenerationMode.NEGATIVE, of_what_exists, 4, id="hostile"),
        pytest.param(GenerationMode.NEGATIVE, as_made_up, 2, id="hostile addresses"),
    ],
)
def test_whatever_is_sent_the_answer_is_in_the_document(
    world: World, mode: GenerationMode, use: Use, examples: int
) -> None:
    app, token, ids = world
    headers = {"Authorization": f"Bearer {token}"}
    found: list[str] = []
    for result in schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations():
        operation = result.ok()

        @settings(BOUNDED, max_examples=examples)
        @given(case=operation.as_strategy(generation_mode=mode))
        def play(case: Case) -> None:
            use(case, ids)
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            play()
        except Unsatisfiable:
            continue  # an operation that takes nothing has no invalid request
        except FailureGroup as failures:
            found.append(f"{operation.label}: {failures}")
    assert found == [], "\n".join(found)
