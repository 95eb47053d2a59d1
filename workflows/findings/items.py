"""What findings are about: the items of a plan, and the choices that its forms offer for a finding's ``item``."""

from collections.abc import Iterator, Mapping
from typing import Any


def item_names(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of items by their codes; ``items`` of the plan go before what forms offer."""
    offered = {str(one["value"]): str(one["label"]) for one in _offered(plan)}
    return offered | {str(item["code"]): str(item["name"]) for item in plan["items"]}


def _offered(part: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the options of every field that is called ``item``, wherever a form of the plan stands."""
    if isinstance(part, Mapping):
        if part.get("key") == "item" and isinstance(part.get("options"), list):
            yield from (one for one in part["options"] if isinstance(one, Mapping))
        for inner in part.values():
            yield from _offered(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _offered(inner)
