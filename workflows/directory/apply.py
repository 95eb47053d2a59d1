"""Writing a plan into the tables: a few statements a table, however many rows there are."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from workflows.directory.document import Row
from workflows.directory.plan import Change, Plan
from workflows.directory.sections import SECTIONS
from workflows.directory.stored import Stored
from workflows.directory.values import Value
from workflows.organisation.calendars import read_hours
from workflows.organisation.models import (
    Absence,
    Group,
    GroupMember,
    GroupUnit,
    Holding,
    Person,
    Post,
    Unit,
)


class Writer:
    """Writes the changes of a plan, section after section, and learns the keys of what it added."""

    def __init__(self, session: Session, plan: Plan, stored: Stored, actor_id: int) -> None:
        self._session = session
        self._actor_id = actor_id
        self._ids = {name: dict(ids) for name, ids in stored.ids.items()}
        self._changes: dict[str, list[Change]] = {name: [] for name in SECTIONS}
        for change in plan.changes:
            self._changes[change.section].append(change)

    def write(self) -> None:
        """Write everything; what is referred to comes first, and goes last."""
        self._rows("units", Unit, self._unit)
        self._parents()
        self._rows("posts", Post, self._post)
        self._rows("people", Person, self._person)
        self._rows("groups", Group, self._group)
        self._rows("holdings", Holding, self._holding)
        self._rows("absences", Absence, self._absence)
        self._beside("members", GroupMember, self._member)
        self._beside("groupUnits", GroupUnit, self._group_unit)
        self._calendars()
        for name, model in (("groups", Group), ("posts", Post)):
            self._delete(name, model)

    def _id(self, section: str, code: Value) -> int:
        return self._ids[section][code,]

    def _rows(self, section: str, model: Any, columns: Callable[[Row], dict[str, Any]]) -> None:
        """Insert and update the rows of a table with a key of its own."""
        changes = self._changes[section]
        added = [columns(one.after) for one in changes if one.after is not None and one.before is None]
        if added:
            self._session.execute(insert(model), added)
            if section in ("units", "posts", "people", "groups"):
                self._learn(section, model)
        changed = [
            {"id": self._ids[section][one.key], **columns(one.after)}
            for one in changes
            if one.after is not None and one.before is not None
        ]
        if changed:
            self._session.execute(update(model), changed)
        if section in ("holdings", "absences"):
            self._delete(section, model)

    def _learn(self, section: str, model: Any) -> None:
        code = Person.login if model is Person else model.code
        query = select(model.id, code)
        if model is Group:
            query = query.where(Group.campaign_id.is_(None))
        for identifier, known in self._session.execute(query):
            self._ids[section][known,] = identifier

    def _delete(self, section: str, model: Any) -> None:
        gone = [self._ids[section][one.key] for one in self._changes[section] if one.after is None]
        for start in range(0, len(gone), 500):
            self._session.execute(delete(model).where(model.id.in_(gone[start : start + 500])))

    def _beside(self, section: str, model: Any, keys: Callable[[Row], dict[str, Any]]) -> None:
        """Insert, update and delete the rows of a table whose key is made of others' keys."""
        changes = self._changes[section]
        for one in changes:
            if one.after is None and one.before is not None:
                found = keys(one.before)
                self._session.execute(delete(model).where(*(getattr(model, name) == found[name] for name in found)))
        for existed in (False, True):
            rows = [
                {"role": one.after["role"], **keys(one.after), "position": one.after["position"]}
                for one in changes
                if one.after is not None and (one.before is not None) is existed
            ]
            if rows:
                self._session.execute(update(model) if existed else insert(model), rows)

    def _parents(self) -> None:
        rows = [
            {"id": self._id("units", one.key[0]), "parent_id": parent and self._id("units", parent)}
            for one in self._changes["units"]
            if one.after is not None and (parent := one.after["parent"]) != (one.before or {}).get("parent")
        ]
        if rows:
            self._session.execute(update(Unit), rows)

    def _calendars(self) -> None:
        """Write days and seasons into the rows of their units."""
        touched: dict[Value, list[Change]] = {}
        for section in ("days", "seasons"):
            for one in self._changes[section]:
                touched.setdefault(one.key[0], []).append(one)
        if not touched:
            return
        codes = [str(code) for code in touched]
        for start in range(0, len(codes), 500):
            found = select(Unit.id, Unit.code, Unit.calendar, Unit.seasons).where(
                Unit.code.in_(codes[start : start + 500])
            )
            for row in self._session.execute(found).all():
                days, seasons = dict(row.calendar or {}), {one["from"]: one for one in row.seasons or ()}
                for one in touched[row.code]:
                    _enter(one, days, seasons)
                self._session.execute(
                    update(Unit)
                    .where(Unit.id == row.id)
                    .values(
                        calendar=dict(sorted(days.items())) or None,
                        seasons=[seasons[first] for first in sorted(seasons)] or None,
                    )
                )

    def _unit(self, row: Row) -> dict[str, Any]:
        return {
            "code": row["code"], "name": row["name"], "name_en": row["nameEn"], "kind": row["kind"],
            "position": row["position"], "active": row["active"],
        }  # fmt: skip

    def _post(self, row: Row) -> dict[str, Any]:
        return {
            "code": row["code"], "name": row["name"], "name_en": row["nameEn"], "leads": row["leads"],
            "duty": row["duty"], "position": row["position"],
        }  # fmt: skip

    def _person(self, row: Row) -> dict[str, Any]:
        return {
            "login": row["login"], "name": row["name"], "name_en": row["nameEn"], "email": row["email"],
            "is_administrator": row["administrator"], "active": row["active"],
        }  # fmt: skip

    def _group(self, row: Row) -> dict[str, Any]:
        return {"code": row["code"], "name": row["name"], "name_en": row["nameEn"], "kind": row["kind"]}

    def _holding(self, row: Row) -> dict[str, Any]:
        return {
            "person_id": self._id("people", row["person"]), "unit_id": self._id("units", row["unit"]),
            "post_id": self._id("posts", row["post"]), "valid_from": row["from"], "valid_to": row["to"],
        }  # fmt: skip

    def _absence(self, row: Row) -> dict[str, Any]:
        return {
            "person_id": self._id("people", row["person"]), "deputy_id": self._id("people", row["deputy"]),
            "process_id": row["process"], "valid_from": row["from"], "valid_to": row["to"], "reason": row["reason"],
            "set_by": self._actor_id,
        }  # fmt: skip

    def _member(self, row: Row) -> dict[str, Any]:
        return {"group_id": self._id("groups", row["group"]), "person_id": self._id("people", row["person"])}

    def _group_unit(self, row: Row) -> dict[str, Any]:
        return {
            "group_id": self._id("groups", row["group"]), "unit_id": self._id("units", row["unit"]),
            "role": row["role"],
        }  # fmt: skip


def _enter(change: Change, days: dict[str, bool], seasons: dict[str, dict[str, Any]]) -> None:
    """Enter one day or season into a unit's calendar, or take it out."""
    if change.section == "days":
        day = str(change.key[1])
        if change.after is None:
            days.pop(day, None)
        else:
            days[day] = bool(change.after["works"])
        return
    first = str(change.key[1])
    if change.after is None:
        seasons.pop(first, None)
        return
    spans = read_hours(str(change.after["hours"]))
    hours = [[f"{begin:%H:%M}", f"{end:%H:%M}"] for begin, end in spans]
    seasons[first] = {"from": first, "to": change.after["to"], "hours": hours}
