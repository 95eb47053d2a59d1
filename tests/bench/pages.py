"""The same step through HTTP: a signed-in person posts the form of a task."""

import time
from collections.abc import Callable

from engine.runtime import Engine
from tests.bench.campaigns import linear_slots
from tests.support.people import OnePerson


def http_step(engine: Engine) -> Callable[[], float]:
    """Return a function that completes one task by a request to the web application."""
    from tests.support.web import signed_in_client

    client = signed_in_client(engine, person_id=OnePerson.PERSON)
    slots = linear_slots(engine)

    def step() -> float:
        slot_id, version = next(slots)
        begun = time.perf_counter()
        response = client.post(
            f"/tasks/{slot_id}", data={"operation": "complete", "version": str(version), "key": f"bench-{slot_id}"}
        )
        spent = time.perf_counter() - begun
        assert response.status_code in (200, 302, 303), response.get_data(as_text=True)[:500]
        return spent

    return step
