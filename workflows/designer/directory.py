"""The codes that an assignment rule may name here: posts, units, groups, people."""

from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.assignment import Term
from engine.definitions.packages import Package
from engine.errors import DubanError
from engine.wording import say
from workflows.organisation.models import Group, Person, Post, Unit


class Directory:
    """The organisation's codes, and those of the groups that a package's plan brings along; read when asked for."""

    def __init__(self, session: Session, package: Package) -> None:
        self._session = session
        self._package = package
        self._people: dict[str, bool] = {}

    def unknown(self, term: Term) -> str | None:
        """Say what a term of a rule names that does not exist, None when everything does."""
        match term:
            case Term("person", (str(login),)) if not self._is_person(login):
                return say("人员“{login}”", login=login)
            case Term("post", (str(post), *_)) if post not in self._posts:
                return say("岗位“{post}”", post=post)
            case Term("post", (_, str(unit))) | Term("leader" | "deputy" | "office", (str(unit),)):
                return None if unit in self._units else say("单位“{unit}”", unit=unit)
            case Term("group" | "lead_unit" | "assisting_unit", (str(group), *_)) if group not in self._groups:
                return say("小组“{group}”", group=group)
            case Term("chosen", (_, tuple(rule))):
                return next((found for one in rule if (found := self.unknown(one)) is not None), None)
        return None

    def _is_person(self, login: str) -> bool:
        if login not in self._people:
            known = select(Person.id).where(Person.login == login, Person.active)
            self._people[login] = self._session.scalar(known) is not None
        return self._people[login]

    @cached_property
    def _posts(self) -> frozenset[str]:
        return frozenset(self._session.scalars(select(Post.code)))

    @cached_property
    def _units(self) -> frozenset[str]:
        return frozenset(self._session.scalars(select(Unit.code)))

    @cached_property
    def _groups(self) -> frozenset[str]:
        try:
            planned: Any = self._package.plan.get("groups")
        except DubanError:
            planned = None
        codes = (one.get("code") for one in planned or () if isinstance(one, dict))
        return frozenset({*self._session.scalars(select(Group.code)), *(str(code) for code in codes)})
