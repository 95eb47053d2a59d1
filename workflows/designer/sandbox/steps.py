"""What a designer asks of a dry run becomes a step of a scenario: by names, so that it can be played again."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidInput, NotFound
from engine.work.sweeper import next_due
from workflows.designer.sandbox.live import Live
from workflows.scenarios.outside import waiting_services
from workflows.scenarios.world import Ticket, World, local

ACTIONS = ("complete", "agree", "reject", "abstain", "claim", "return")


def step_of(live: Live, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scenario step for what was asked. Raises InvalidInput for what is not understood."""
    what = asked.get("do")
    if what in ACTIONS:
        return {"do": _act(live.world, str(what), asked)}
    make = _OTHERS.get(str(what))
    if make is None:
        raise InvalidInput(f"不认识的步骤“{what}” / Unknown step", {"do": "不认识 / unknown"})
    return make(live, asked)


def task_id(ticket: Ticket, place: int) -> str:
    """Return how a task is called in a dry run: its element, and which of the open ones it is."""
    return f"{ticket.activation.element_id}:{place}"


def all_tickets(world: World) -> list[tuple[str, Ticket]]:
    """Return every open task with its id."""
    with world.engine.db.read() as session:
        elements = world.open_elements(session)
        return [
            (task_id(ticket, place), ticket)
            for element in elements
            for place, ticket in enumerate(world.tickets(session, task=element, units={}), start=1)
        ]


def _act(world: World, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    ticket = next((one for name, one in all_tickets(world) if name == asked.get("task")), None)
    if ticket is None:
        raise NotFound("这个待办已经没有了，请刷新 / This task is gone: reload")
    element = ticket.activation.element_id
    who = str(asked.get("who") or "") or world.login(next(iter(ticket.people), None))
    if not who:
        raise InvalidInput("没有人能办这一步 / Nobody can do this step", {"who": "没有人 / nobody"})
    step: dict[str, Any] = {"task": element, "action": action, "who": who, **_which(world, ticket, who)}
    if action in ("complete", "agree", "reject"):
        step |= {"values": _plain(asked.get("values"), "values"), "fill": False}
    if action == "return":
        step |= {"to": asked.get("to"), "mode": asked.get("mode") or "direct"}
    if asked.get("opinion"):
        step["opinion"] = str(asked["opinion"])
    return step


def _which(world: World, ticket: Ticket, who: str) -> dict[str, Any]:
    """Return what tells a task from the others of its element and person: its unit, else its place among them."""
    element = ticket.activation.element_id
    with world.engine.db.read() as session:
        same = [one.slot.id for one in world.tickets(session, task=element, units={}, who=[who])]
        if len(same) <= 1:
            return {}
        unit = world.unit_code(ticket.instance.unit_id)
        of_unit = world.tickets(session, task=element, units={"code": [unit]}, who=[who]) if unit else []
    if len(of_unit) == 1:
        return {"unit": unit}
    return {"nth": same.index(ticket.slot.id) + 1} if ticket.slot.id in same else {}


def _answer(live: Live, asked: Mapping[str, Any]) -> dict[str, Any]:
    waiting = waiting_services(live.world)
    found = next(
        (one for one in waiting if (str(one.instance_id), one.token) == (asked.get("instance"), asked.get("token"))),
        None,
    )
    if found is None:
        raise NotFound("这个服务不再等待，请刷新 / This service no longer waits: reload")
    same = [one for one in waiting if one.element_id == found.element_id]
    step: dict[str, Any] = {"task": found.element_id}
    if len(same) > 1:
        step["nth"] = same.index(found) + 1
    if asked["do"] == "fail":
        return {"answer": {**step, "fails": str(asked.get("code") or "error")}}
    return {"answer": {**step, "values": _plain(asked.get("values"), "values")}}


def _next(live: Live, asked: Mapping[str, Any]) -> dict[str, Any]:
    due = next_due(live.world.engine)
    if due is None:
        raise InvalidInput("没有到时会发生的事 / Nothing falls due", {"do": "没有 / nothing"})
    return {"at": due.isoformat()}


def _message(live: Live, asked: Mapping[str, Any]) -> dict[str, Any]:
    step: dict[str, Any] = {"name": asked.get("name"), "payload": _plain(asked.get("payload"), "payload")}
    if asked.get("correlation") is not None:
        step["correlation"] = _plain(asked.get("correlation"), "correlation")
    return {"message": step}


def _plain(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} 应是对象 / {name} should be an object", {name: "应是对象 / an object"})
    return value


def _kept(verb: str, *names: str) -> Callable[[Live, Mapping[str, Any]], dict[str, Any]]:
    """Take these entries as they are."""

    def step(_live: Live, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {verb: {name: asked[name] for name in names if asked.get(name) is not None}}

    return step


_OTHERS: Mapping[str, Callable[[Live, Mapping[str, Any]], dict[str, Any]]] = {
    "launch": _kept("launch", "who", "parameters"),
    "start": _kept("start", "who", "process", "variables", "unit"),
    "answer": _answer,
    "fail": _answer,
    "wait": lambda _live, asked: {"wait": str(asked.get("for") or "")},
    "at": lambda _live, asked: {"at": str(asked.get("to") or "")},
    "next": _next,
    "message": _message,
    "signal": lambda _live, asked: {
        "signal": {"name": asked.get("name"), "payload": _plain(asked.get("payload"), "payload")}
    },
}


def words_of(step: Mapping[str, Any]) -> str:
    """Say a step in words, Chinese " / " English."""
    verb, given = next(iter(step.items()))
    match verb:
        case "do":
            return f"{given['who']} {given['task']} {given['action']}"
        case "answer":
            return f"服务“{given['task']}”回答 / The service {given['task']} answers"
        case "at" | "wait":
            when = local_time(given) if verb == "at" else given
            return f"时间：{when} / Time: {when}"
        case "message" | "signal":
            return f"收到“{given['name']}” / {given['name']} arrives"
        case _:
            return f"{given.get('who', '')} 发起 / {given.get('who', '')} starts it"


def local_time(text: str) -> str:
    """Return an instant as scenarios write it."""
    from workflows.scenarios.world import instant_of

    return local(instant_of(text)) or text
