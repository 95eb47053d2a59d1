"""Everything that a designer chooses instead of typing its id: people, forms, decisions, processes, services, names."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.forms import Form
from engine.definitions.model import Definition
from engine.definitions.packages import Package
from engine.errors import DubanError
from engine.expressions.dmn import read_dmn
from engine.messages.models import StartTrigger, Subscription
from engine.ports import ServiceKind
from workflows.designer.asking import plan_choices
from workflows.designer.choices import Choice
from workflows.designer.trying import describe, field_json
from workflows.organisation.models import Group, GroupRole, Person, Post, Unit
from workflows.organisation.service import ROLE_NAMES
from workflows.organisation.tree import LOCAL

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_PEOPLE = 200
"""People that are offered by name; with more, rules by post and group are what scales."""

MOST_UNITS = 1000

_RELATIVE = (
    ("initiator", "发起人", "Initiator"),
    ("initiator_leader()", "发起人的领导", "Leader of the initiator"),
    ("initiator_leader(1)", "发起人上级单位的领导", "Leader of the unit above the initiator's"),
    ("leader()", "本单位负责人", "Leader of the unit"),
    ("deputy()", "本单位分管副职", "Deputy in charge of the unit"),
    ("office()", "本单位办公室主任", "Office director of the unit"),
    ("inspectors()", "负责本单位的检查组", "Inspection team of the unit"),
    ("inspectors(head)", "负责本单位的检查组组长", "Head of the unit's inspection team"),
)
"""Rules that name people by their place beside whoever starts it, or beside the unit that it is about."""


def pickers(engine: "Engine", session: Session, package: Package) -> dict[str, list[Choice]]:
    """Return the choices by kind; forms, decisions, processes, variables and what the plan names are the package's."""
    diagrams = _Diagrams(package)
    forms = list(_forms(package))
    return {
        "rules": [*_rules(session), *_roles(package)],
        "posts": [Choice(one.code, one.name, one.name_en) for one in _posts(session)],
        "units": [
            Choice(one.code, one.name, one.name_en, {"kind": one.kind})
            for one in session.scalars(select(Unit).order_by(Unit.id).limit(MOST_UNITS))
        ],
        "unit_kinds": [
            Choice(kind, kind) for kind in session.scalars(select(Unit.kind).distinct().order_by(Unit.kind))
        ],
        "forms": forms,
        "decisions": list(_decisions(package)),
        "processes": list(diagrams.processes()),
        "services": [_service(one) for _, one in sorted(engine.services.items())],
        "calendars": [Choice("working", "工作日历", "Working calendar")],
        "messages": _names(session, package, "message", diagrams),
        "signals": _names(session, package, "signal", diagrams),
        "variables": list(_variables(package, forms, diagrams)),
        **plan_choices(package, year=engine.clock.now().astimezone(LOCAL).year),
    }


def _posts(session: Session) -> list[Post]:
    return list(session.scalars(select(Post).order_by(Post.position, Post.id)))


def _rules(session: Session) -> Iterator[Choice]:
    """Return the rules that name people here: the initiator, posts, groups and their roles, persons."""
    for rule, chinese, english in _RELATIVE:
        yield Choice(rule, chinese, english, {"kind": "initiator" if "initiator" in rule else "unit"})
    for post in _posts(session):
        label, english = f"本单位{post.name}", f"{post.name_en or post.name} of the unit"
        yield Choice(f"post({post.code})", label, english, {"kind": "post"})
    for group in session.scalars(select(Group).where(Group.campaign_id.is_(None)).order_by(Group.id)):
        name, english = group.name, group.name_en or group.name
        yield Choice(f"group({group.code})", name, english, {"kind": "group"})
        for role in GroupRole:
            chinese, word = ROLE_NAMES[role]
            yield Choice(f"group({group.code}, {role})", f"{name}{chinese}", f"{english}, {word}", {"kind": "group"})
        yield Choice(f"lead_unit({group.code})", f"{name}牵头单位负责人", f"{english}: lead units", {"kind": "group"})
    people = select(Person).where(Person.active).order_by(Person.id).limit(MOST_PEOPLE)
    for person in session.scalars(people):
        yield Choice(f"person({person.login})", person.name, person.name_en, {"kind": "person"})


def _roles(package: Package) -> Iterator[Choice]:
    """Return the roles that the package's plan names."""
    try:
        planned: Any = package.plan.get("roles")
    except DubanError:
        return
    for one in planned if isinstance(planned, list) else ():
        if isinstance(one, dict) and one.get("rule"):
            name = str(one.get("name") or one.get("code") or one["rule"])
            yield Choice(str(one["rule"]), name, str(one.get("name_en") or ""), {"kind": "role"})


def _forms(package: Package) -> Iterator[Choice]:
    for path, content in sorted(package.files.items()):
        if not path.endswith(".form"):
            continue
        name = PurePosixPath(path).stem
        try:
            form = Form.parse(content)
        except DubanError:
            yield Choice(name, name, "", {"path": path, "fields": []})
            continue
        title = form.schema.get("name") or form.schema.get("title") or name
        yield Choice(name, str(title), "", {"path": path, "fields": [field_json(one) for one in form.fields]})


def _decisions(package: Package) -> Iterator[Choice]:
    for path, content in sorted(package.files.items()):
        if not path.endswith(".dmn"):
            continue
        try:
            drawing = read_dmn(content)
        except DubanError:
            continue
        for identifier in (*drawing.decisions, *drawing.services):
            told = describe(drawing, identifier)
            more = {"path": path, "inputs": told["inputs"], "outputs": told["outputs"]}
            yield Choice(identifier, told["name"], "", more)


class _Diagrams:
    """The diagrams of a package that can be read."""

    def __init__(self, package: Package) -> None:
        self.read: dict[str, Definition] = {}
        for path, content in sorted(package.files.items()):
            if path.endswith(".bpmn"):
                try:
                    self.read |= Package(package.key, {path: content}).diagrams
                except DubanError:
                    continue

    def processes(self) -> Iterator[Choice]:
        """Return the processes that can be called, with the variables that their callers give them."""
        given: dict[str, set[str]] = {}
        for definition in self.read.values():
            for process in definition.processes.values():
                for node in process.nodes.values():
                    if called := node.attributes.get("calledElement"):
                        given.setdefault(called, set()).update(node.inputs)
        for path, definition in self.read.items():
            for process in definition.processes.values():
                if process.executable:
                    more = {"path": path, "parameters": sorted(given.get(process.id, ()))}
                    yield Choice(process.id, process.name or process.id, "", more)

    def events(self, kind: str) -> Iterator[str]:
        """Return the names of messages or signals that the diagrams speak of."""
        for definition in self.read.values():
            for process in definition.processes.values():
                for node in process.nodes.values():
                    for event in node.events:
                        if event.kind == kind and event.details.get("name"):
                            yield event.details["name"]

    def written(self) -> Iterator[tuple[str, str]]:
        """Return the variables that elements set, with where that is."""
        for path, definition in self.read.items():
            for process in definition.processes.values():
                for node in process.nodes.values():
                    names = [node.attributes.get("camunda:resultVariable"), node.properties.get("resultVariable")]
                    for name in (*node.outputs, *filter(None, names)):
                        yield name, f"{path} · {node.name or node.id}"


def _service(kind: ServiceKind) -> Choice:
    chinese, _, english = kind.label.partition(" / ")
    inputs = [
        {
            "name": one.name,
            "label": one.label,
            "required": one.required,
            "picker": one.picker,
            "choices": list(one.choices),
        }
        for one in kind.inputs
    ]
    more = {"external": kind.external, "inputs": inputs, "outputs": list(kind.outputs)}
    return Choice(kind.name, chinese or kind.name, english, more)


def _names(session: Session, package: Package, kind: str, diagrams: _Diagrams) -> list[Choice]:
    """Return the names that are spoken of here, and those that something else waits for."""
    found = dict.fromkeys(diagrams.events(kind), package.key)
    starts = select(StartTrigger.name, StartTrigger.package_key).where(StartTrigger.kind == kind).distinct()
    for name, key in session.execute(starts):
        found.setdefault(name, key)
    waits = select(Subscription.name).where(Subscription.kind == kind).distinct().limit(MOST_PEOPLE)
    for name in session.scalars(waits):
        found.setdefault(name, "")
    return [Choice(name, name, "", {"used_by": key}) for name, key in sorted(found.items())]


def _variables(package: Package, forms: list[Choice], diagrams: _Diagrams) -> Iterator[Choice]:
    """Return the variables that are known: launch parameters, form fields, results of elements; each name once."""
    seen: set[str] = set()

    def once(name: str, label: str, english: str, kind: str, place: str) -> Iterator[Choice]:
        if name and name not in seen:
            seen.add(name)
            yield Choice(name, label or name, english, {"name": name, "type": kind, "from": place})

    try:
        launch: Any = package.plan.get("launch")
    except DubanError:
        launch = None
    for one in (launch.get("parameters") or ()) if isinstance(launch, dict) else ():
        if isinstance(one, dict):
            label, english = str(one.get("label") or ""), str(one.get("label_en") or "")
            yield from once(str(one.get("name") or ""), label, english, str(one.get("type") or "text"), "plan.yaml")
    for form in forms:
        for one in form.more["fields"]:
            yield from once(one["key"], one["label"], one["label_en"], one["type"], form.more["path"])
    for name, place in diagrams.written():
        yield from once(name, "", "", "", place)
