"""The invented people of a dry run: somebody for every rule that the package's diagrams name."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.assignment import Term, parse_rule
from engine.definitions.lint.approvals import RULES
from engine.definitions.packages import Package
from engine.errors import DubanError
from workflows.organisation.models import Group, GroupRole, Person, Post, Unit

STARTER = "unit-staff"
UNIT = "unit"
ABOVE = "above"
_ROLES = {GroupRole.HEAD: "组长", GroupRole.DEPUTY: "副组长", GroupRole.MEMBER: "成员", GroupRole.OFFICE: "工作人员"}


def invented_cast(session: Session, package: Package) -> dict[str, Any]:
    """Return the ``people`` of a scenario: a unit below another, and who is needed for the rules of the diagrams.

    Posts, groups and units have the organisation's names; the people are nobody.
    """
    terms = list(_terms(package))
    posts = {str(term.arguments[0]) for term in terms if term.function == "post"}
    placed: dict[str, set[str]] = {}
    for term in terms:
        if term.function == "post" and len(term.arguments) == 2:
            placed.setdefault(str(term.arguments[1]), set()).add(str(term.arguments[0]))
        elif term.function in ("leader", "deputy", "office") and term.arguments:
            placed.setdefault(str(term.arguments[0]), set()).add("head")
    groups = {str(one.arguments[0]) for one in terms if one.function in ("group", "lead_unit", "assisting_unit")}
    logins = {str(term.arguments[0]) for term in terms if term.function == "person"}
    here = sorted(posts - {"head", "staff"})
    return {
        "posts": {code: _name(session, Post, code) for code in here},
        "leading_posts": ["head"],
        "units": [
            {"kind": ABOVE, "parent": None, "names": {ABOVE: "上级单位"}, "posts": ["head", "deputy"]},
            {"kind": UNIT, "parent": ABOVE, "names": {UNIT: "本单位"}, "posts": ["head", "deputy", "staff", *here]},
            *(
                {"kind": "other", "parent": ABOVE, "names": {code: _name(session, Unit, code)}, "posts": sorted(held)}
                for code, held in sorted(placed.items())
                if code not in (UNIT, ABOVE)
            ),
        ],
        "groups": {code: _group(session, code) for code in sorted(groups)},
        "others": {login: _person(session, login) for login in sorted(logins)},
        "administrators": [],
    }


def about(people: Mapping[str, Any]) -> dict[str, str]:
    """Return what each login stands for: a post of a unit, a role in a group."""
    told: dict[str, str] = {}
    for block in people["units"]:
        for code, name in block["names"].items():
            for post in block["posts"]:
                told[f"{code}-{post}"] = f"{name}{people['posts'].get(post, post)}"
    for code, block in people["groups"].items():
        for role, word in _ROLES.items():
            for login in block.get(role.value, ()):
                seat = f"{block.get('name') or code}{word}"
                told[login] = f"{told[login]}、{seat}" if login in told else seat
    return told


def _terms(package: Package) -> Iterator[Term]:
    for definition in package.definitions:
        for process in definition.processes.values():
            for node in process.nodes.values():
                for name in RULES:
                    yield from _of_rule(node.attributes.get(name, ""))


def _of_rule(text: str) -> Iterator[Term]:
    if not text.strip() or text.lstrip().startswith("=") or "${" in text:
        return
    try:
        terms = parse_rule(text)
    except DubanError:
        return
    for term in terms:
        yield term
        for argument in term.arguments:
            if isinstance(argument, tuple):
                yield from argument


def _group(session: Session, code: str) -> dict[str, Any]:
    return {
        "name": _name(session, Group, code),
        "head": [f"{code}-head"],
        "deputy": [f"{code}-deputy"],
        "member": [f"{code}-member-1", f"{code}-member-2"],
        "office": [f"{code}-office"],
    }


def _name(session: Session, model: type[Post] | type[Unit] | type[Group], code: str) -> str:
    found = session.scalar(select(model.name).where(model.code == code).limit(1))
    return str(found or code)


def _person(session: Session, login: str) -> str:
    return session.scalar(select(Person.name).where(Person.login == login)) or login
