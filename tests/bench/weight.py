"""What a phone loads on its first visit: the page and every sheet and script that it names, compressed."""

import re

from flask.testing import FlaskClient

GOAL_BYTES = 60_000
_LOADED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


def first_visit(client: FlaskClient, address: str = "/inbox") -> dict[str, object]:
    """Return the bytes on the wire of a first visit, by address, with the sum and the goal."""
    page = client.get(address)
    loaded = list(dict.fromkeys(_LOADED.findall(page.text)))
    sizes = {one: _bytes_on_the_wire(client, one) for one in (address, *loaded)}
    total = sum(sizes.values())
    return {"bytes": sizes, "total": total, "goal": GOAL_BYTES, "within_goal": total <= GOAL_BYTES}


def _bytes_on_the_wire(client: FlaskClient, address: str) -> int:
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(answer.data)
