"""People, as far as everybody may look them up: whom to hand a task to, whom to ask."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from web.api.room import Room
from web.api.values import Identifier, Number, Schema, Text, about
from web.context import person, running_engine
from web.language import is_english
from workflows.access.service import Scope
from workflows.organisation.service import account, find_accounts

users = Room("user", "People, by name, login, unit or post: the identifiers that operations take")

MOST_FOUND = 50


class UserQuerySchema(Schema):
    """Who is looked for."""

    search = Text(most=100, load_default="", metadata=about("A part of the name, the login, the unit or the post"))
    max_results = Number(least=1, most=MOST_FOUND, load_default=20)


class UserSchema(Schema):
    """An active person with posts and groups in words."""

    id = Identifier(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String()
    description = fields.String()


@users.operation(
    "GET", "/user", scope=Scope.TASKS_READ, query=UserQuerySchema, gives=UserSchema(many=True), operationId="getUsers"
)
def find(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Find people other than the caller."""
    running = running_engine()
    with running.db.read() as session:
        found = find_accounts(
            session, words=query["search"], at=running.clock.now(), chosen=frozenset(), without=person().id,
            limit=query["max_results"],
        )  # fmt: skip
    return [_row(one) for one in found]


@users.operation("GET", "/user/me", scope=Scope.TASKS_READ, gives=UserSchema, operationId="getMe")
def me() -> Mapping[str, Any]:
    """Get the caller."""
    running = running_engine()
    with running.db.read() as session:
        found = account(session, person_id=person().id, at=running.clock.now())
    return _row(found)


def _row(one: Any) -> Mapping[str, Any]:
    words = one.describe("en" if is_english() else "zh")
    return {"id": one.id, "login": one.login, "name": one.name, "name_en": one.name_en, "description": words}
