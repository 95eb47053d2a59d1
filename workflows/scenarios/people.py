"""Invents the organisation that a scenario declares. Names are made of unit and post: nobody real is meant."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.wording import say
from workflows.organisation.models import Group, GroupMember, GroupRole, Holding, Person, Post, Unit
from workflows.scenarios.errors import ScenarioError

POSTS = {"head": "负责人", "deputy": "副职", "staff": "工作人员"}
GROUPS = {
    "leading": {"name": "领导小组", "head": ["leader"], "deputy": ["deputy-1", "deputy-2"]},
    "office": {"name": "活动办公室", "head": ["organiser"]},
}
OTHERS = {"stranger": "无关人员", "admin": "系统管理员"}
"""Posts, groups and people that every scenario has, unless it writes its own under the same code."""


def with_usual(people: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a scenario declares together with the people that every scenario has."""
    roles = ("head", "deputy", "member", "office")
    usual = {code: {"name": "", **dict.fromkeys(roles, ()), **block} for code, block in GROUPS.items()}
    return {
        **people,
        "posts": {**POSTS, **people["posts"]},
        "groups": {**usual, **people["groups"]},
        "others": {**OTHERS, **people["others"]},
        "administrators": list(dict.fromkeys([*people["administrators"], "admin"])),
    }


def invent(session: Session, people: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Write the organisation; returns the ids of people by login and of units by code, units in their order."""
    units, posts = _units(session, people), _posts(session, people)
    logins: dict[str, int] = {}
    for login, name in people["others"].items():
        logins[login] = _person(session, login, name)
    for block in people["units"]:
        for code, unit_name in block["names"].items():
            for post in block["posts"]:
                if post not in posts:
                    raise ScenarioError(say("people.units：岗位“{post}”没有写在 people.posts 里", post=post))
                login = f"{code}-{post}"
                logins.setdefault(login, _person(session, login, unit_name + people["posts"][post]))
                session.add(Holding(person_id=logins[login], unit_id=units[code], post_id=posts[post]))
    for code, block in people["groups"].items():
        _group(session, code, block, logins)
    for login in people["administrators"]:
        person = session.get(Person, logins.get(login, 0))
        if person is None:
            raise ScenarioError(say("people.administrators：没有“{login}”这个人", login=login))
        person.is_administrator = True
    return logins, units


def _units(session: Session, people: Mapping[str, Any]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for block in people["units"]:
        parent = block["parent"]
        if parent is not None and parent not in ids:
            raise ScenarioError(say("people.units：上级单位“{parent}”要写在下级之前", parent=parent))
        for code, name in block["names"].items():
            unit = Unit(code=code, name=name, kind=block["kind"], parent_id=ids.get(parent))
            session.add(unit)
            session.flush()
            ids[code] = unit.id
    return ids


def _posts(session: Session, people: Mapping[str, Any]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for position, (code, name) in enumerate(people["posts"].items()):
        post = Post(code=code, name=name, leads=code in people["leading_posts"], position=position)
        session.add(post)
        session.flush()
        ids[code] = post.id
    return ids


def _group(session: Session, code: str, block: Mapping[str, Any], logins: dict[str, int]) -> None:
    group = Group(code=code, name=block["name"] or code)
    session.add(group)
    session.flush()
    seated: set[int] = set()
    for role in GroupRole:
        for position, login in enumerate(block[role.value]):
            if login not in logins:
                logins[login] = _person(session, login, login)
            if logins[login] in seated:
                raise ScenarioError(say("people.groups.{code}：“{login}”写了两次", code=code, login=login))
            seated.add(logins[login])
            member = GroupMember(group_id=group.id, person_id=logins[login], role=role, position=position)
            session.add(member)


def _person(session: Session, login: str, name: str) -> int:
    person = Person(login=login, name=name)
    session.add(person)
    session.flush()
    return person.id
