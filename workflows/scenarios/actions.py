"""What people do in a scenario, done through the same functions that the pages call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine import tasks
from engine.errors import DubanError
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.wording import say
from workflows.campaigns.cases import start_case
from workflows.campaigns.launch import launch
from workflows.campaigns.moving import decide_move, propose_move
from workflows.organisation.models import Unit
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.files import make_file
from workflows.scenarios.forms import filled_form, upload
from workflows.scenarios.operations import Said, perform
from workflows.scenarios.report import Check
from workflows.scenarios.world import Ticket, World, instant_of

_WITHOUT_CLAIM = frozenset({"claim", "comment", "urge", "withdraw", "hand_over", "remove_signer", "jump", "copy"})
"""Actions that leave a pooled task in its pool; for the others whoever acts takes it first."""

_NAME = re.compile(r"\{([A-Za-z_]\w*)\}")


def do_launch(world: World, step: Mapping[str, Any], line: int) -> list[Check]:
    """Launch the package's campaign."""

    def act() -> None:
        launch(
            world.engine,
            package_key=world.package.key,
            parameters=step["parameters"],
            initiator_id=world.person(step["who"]),
            unit_ids=None if step["units"] is None else [world.unit(code) for code in step["units"]],
        )

    return _attempt(world, act, step, line, say("{who} 发起", who=step["who"]))


def do_start(world: World, step: Mapping[str, Any], line: int) -> list[Check]:
    """Start a process of the package: a case of the campaign that was launched last, if one was."""

    def act() -> None:
        common: dict[str, Any] = {
            "process_id": step["process"],
            "variables": dict(step["variables"]),
            "title": step["title"] or world.package.name,
            "initiator_id": world.person(step["who"]),
            "unit_id": world.unit(step["unit"]) if step["unit"] else None,
        }
        campaign_id = world.campaign_id()
        if campaign_id is None or not step["process"]:
            start_instance(world.engine, package_key=world.package.key, **common)
        else:
            start_case(world.engine, campaign_id=campaign_id, **common)

    return _attempt(world, act, step, line, say("{who} 启动 {process}", who=step["who"], process=step["process"] or ""))


def do_move(world: World, step: Mapping[str, Any], line: int) -> list[Check]:
    """Propose to move a phase of the campaign, and decide about it."""

    def act() -> None:
        campaign_id = world.campaign_id()
        if campaign_id is None:
            raise ScenarioError(say("还没有发起任何行动"))
        move = propose_move(
            world.engine,
            campaign_id=campaign_id,
            phase=step["phase"],
            starts=step["starts"],
            ends=step["ends"],
            reason=step["reason"],
            actor_id=world.person(step["who"]),
        )
        if step["by"]:
            decide_move(
                world.engine,
                move_id=move.id,
                agree=step["agree"],
                opinion=step["opinion"],
                actor_id=world.person(step["by"]),
            )

    return _attempt(world, act, step, line, say("{who} 调整阶段 {phase}", who=step["who"], phase=step["phase"]))


def see(world: World, step: Mapping[str, Any], line: int) -> list[Check]:
    """Remember which version of a task somebody sees now."""
    ticket = _one(_find(world, step), step)
    world.seen[step["as_"]] = (ticket.slot.id, ticket.instance.version)
    return []


def do(world: World, step: Mapping[str, Any], line: int) -> list[Check]:
    """Act on one task, or with ``each`` on every task that fits."""
    what = f"{step['task']} {step['action']}"
    if step["seen"]:
        return _act_on_seen(world, step, line, what)
    found = _find(world, step)
    if step["nth"] is not None:
        found = found[step["nth"] - 1 : step["nth"]]
    if not step["each"]:
        _one(found, step)
    checks = []
    for number, ticket in enumerate(found, start=1):
        act = partial(_perform, world, step, _click(world, step, ticket, number))
        checks += _attempt(world, act, step, line, what, ticket=ticket)
    if step["count"] is not None:
        ok = len(found) == step["count"]
        checks.append(
            Check(step["source"] or "scenario", say("{what} 的次数", what=what), step["count"], len(found), ok, line)
        )
    elif not found:
        raise ScenarioError(say("没有符合的待办：{task}", task=_describe(step)))
    return checks


def _act_on_seen(world: World, step: Mapping[str, Any], line: int, what: str) -> list[Check]:
    if step["seen"] not in world.seen:
        raise ScenarioError(say("没有先用 see 记下“{seen}”", seen=step["seen"]))
    if not step["who"]:
        raise ScenarioError(say("用 seen 时要写 who"))
    slot_id, version = world.seen[step["seen"]]
    actor = world.person(step["who"][0])
    return _attempt(world, lambda: _perform(world, step, _Click(slot_id, actor, version, {})), step, line, what)


def _find(world: World, step: Mapping[str, Any]) -> list[Ticket]:
    # A stranger is expected to be refused, so the tasks are looked for without asking whose they are.
    who = [] if step.get("refused") else step["who"]
    with world.engine.db.read() as session:
        return world.tickets(session, task=step["task"], units=step["unit"], who=who, where=step["where"])


def _one(found: list[Ticket], step: Mapping[str, Any]) -> Ticket:
    if not found:
        raise ScenarioError(say("没有符合的待办：{task}", task=_describe(step)))
    if len(found) > 1:
        raise ScenarioError(
            say(
                "有 {number} 个待办符合：{task}；请写 unit、who、where，或 each: true",
                number=len(found),
                task=_describe(step),
            )
        )
    return found[0]


def _describe(step: Mapping[str, Any]) -> str:
    parts = [f"{key}={step[key]}" for key in ("task", "unit", "who", "where") if step[key]]
    return "，".join(parts)


def _click(world: World, step: Mapping[str, Any], ticket: Ticket, number: int) -> "_Click":
    """Open the task's page as whoever acts: a candidate claims a pooled task first."""
    actor = world.person(step["who"][0]) if step["who"] else ticket.people[0]
    with world.engine.db.read() as session:
        instance = session.get(Instance, ticket.instance.id)
        version = ticket.instance.version if instance is None else instance.version
    pooled = ticket.slot.owner_id is None and actor in ticket.people
    if pooled and step["action"] not in _WITHOUT_CLAIM:
        version = tasks.claim(world.engine, slot_id=ticket.slot.id, actor_id=actor, version=version).version
    return _Click(ticket.slot.id, actor, version, _names(world, ticket, number))


def _names(world: World, ticket: Ticket, number: int) -> dict[str, str]:
    with world.engine.db.read() as session:
        unit = session.get(Unit, ticket.instance.unit_id) if ticket.instance.unit_id else None
        name = unit.name if unit else ""
    return {"unit": world.unit_code(ticket.instance.unit_id), "unit_name": name, "n": str(number)}


@dataclass(frozen=True, slots=True)
class _Click:
    """Who clicks on which slot, having seen which version of the instance."""

    slot_id: int
    actor: int
    version: int
    names: Mapping[str, str]


def _perform(world: World, step: Mapping[str, Any], click: _Click) -> None:
    engine, action = world.engine, step["action"]
    slot_id, actor, version, names = click.slot_id, click.actor, click.version, click.names
    data = _filled(step["values"], names)
    for name, files in step["attach"].items():
        data[name] = [upload(world, slot_id, actor, name, _filled(file, names)) for file in files]
    if step["fill"] and not step["refused"] and action in ("complete", "agree"):
        data = filled_form(world, slot_id, actor, data)
    said = Said(
        opinion=_filled(step["opinion"], names),
        data=data,
        people=[world.person(login) for login in step["people"]],
        to=step["to"] or "",
        mode=step["mode"],
        policy=step["policy"],
        due=instant_of(step["due"]) if step["due"] else None,
        signature=make_file("signature.png")[0] if step["signs"] else None,
    )
    perform(engine, action, said, slot_id=slot_id, actor_id=actor, version=version, key=step["key"])


def _attempt(
    world: World,
    act: Callable[[], None],
    step: Mapping[str, Any],
    line: int,
    what: str,
    *,
    ticket: Ticket | None = None,
) -> list[Check]:
    """Do it; where a refusal is expected, its code is a figure, and it must have changed nothing."""
    expected = step.get("refused")
    if not expected:
        act()
        world.settle()
        return []
    before = _version(world, ticket)
    try:
        act()
        actual: str = say("没有被拒绝")
    except DubanError as error:
        actual = error.code
        if _version(world, ticket) != before:
            actual = say("{actual}，但流程变了", actual=actual)
    return [
        Check(
            step["source"] or "approvals", say("{what} 被拒绝", what=what), expected, actual, actual == expected, line
        )
    ]


def _version(world: World, ticket: Ticket | None) -> int | None:
    if ticket is None:
        return None
    with world.engine.db.read() as session:
        instance = session.get(Instance, ticket.instance.id)
        return instance.version if instance else None


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _NAME.sub(lambda match: names.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    return value
