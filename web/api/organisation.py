"""The organisation: read as a document, brought to what a document says. For administrators."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from engine.errors import NotFound
from web.api.room import Room
from web.api.shared import PartSchema
from web.api.values import Flag, Items, Schema, Text, about
from web.context import person, running_engine
from web.language import side
from workflows.access.service import Scope
from workflows.directory.document import RowError
from workflows.directory.plan import Plan
from workflows.directory.sections import SECTIONS
from workflows.directory.service import synchronise
from workflows.directory.stored import as_json, load, only

organisation = Room("organisation", "Units, posts, people, groups and calendars by their codes (docs/organisation.md)")

MOST_ROWS = 100_000


class BringSchema(Schema):
    """How the organisation is brought to what a document says."""

    dry_run = Flag(load_default=False, metadata=about("Say what would change, and change nothing"))
    remove = Flag(
        load_default=False,
        metadata=about("The sections are complete: what they do not mention is deactivated, ended or removed"),
    )


class DocumentFrame(Schema):
    """Rows by section; docs/organisation.md has the columns. A section that is not there is not looked at."""


DocumentSchema = DocumentFrame.from_dict(
    {
        name: Items(fields.Dict(keys=fields.String()), most=MOST_ROWS, metadata=about(section.english))
        for name, section in SECTIONS.items()
    },
    name="OrganisationDocumentSchema",
)


class SectionSchema(PartSchema):
    """Which rows of a section."""

    code = Text(most=80, load_default="", metadata=about("Rows whose first key column is this"))


class RowsSchema(Schema):
    """Rows of a section."""

    rows = fields.List(fields.Dict(), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows"))


class RowErrorSchema(Schema):
    """A fault of the document."""

    section = fields.String(required=True)
    row = fields.Integer(required=True, metadata=about("From 1; 0 for the whole section"))
    column = fields.String(required=True)
    sentence = fields.Function(lambda one: side(one.sentence), required=True)


class CountsSchema(Schema):
    """How many rows of a section differ."""

    add = fields.Integer(required=True)
    change = fields.Integer(required=True)
    remove = fields.Integer(required=True)
    unmentioned = fields.Integer(required=True, metadata=about("Kept rows that the document does not mention"))


class OutcomeSchema(Schema):
    """What was, or would be, changed. With errors nothing was."""

    applied = fields.Boolean(required=True)
    errors = fields.List(fields.Nested(RowErrorSchema), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Nested(CountsSchema), required=True)


@organisation.operation(
    "PUT", "/organisation", scope=Scope.ORGANISATION_WRITE, query=BringSchema, body=DocumentSchema,
    gives=OutcomeSchema, operationId="putOrganisation",
)  # fmt: skip
def bring(query: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the organisation to what the document says: whole or not at all, the same again changes nothing."""
    _administrators_only()
    found = synchronise(running_engine(), body, actor_id=person().id, remove=query["remove"], dry_run=query["dry_run"])
    return _told(found, dry_run=query["dry_run"])


@organisation.operation(
    "GET", "/organisation", scope=Scope.ORGANISATION_READ, gives=DocumentSchema, operationId="getOrganisation"
)
def whole() -> dict[str, Any]:
    """Get the whole organisation as a document that `PUT` takes."""
    _administrators_only()
    with running_engine().db.read() as session:
        return as_json(load(session).rows)


@organisation.operation(
    "GET", f"/organisation/<any({', '.join(SECTIONS)}):section>", scope=Scope.ORGANISATION_READ, query=SectionSchema,
    gives=RowsSchema, operationId="getOrganisationSection",
)  # fmt: skip
def rows(query: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Get the rows of a section."""
    _administrators_only()
    with running_engine().db.read() as session:
        found = as_json(only(load(session), [section]))[section]
    if query["code"]:
        first = SECTIONS[section].key[0]
        found = [row for row in found if row[first] == query["code"]]
    start = query["first_result"]
    return {"rows": found[start : start + query["max_results"]], "count": len(found)}


def _told(found: Plan, *, dry_run: bool) -> dict[str, Any]:
    counts = {
        name: {
            **{operation: found.counts.get(name, {}).get(operation, 0) for operation in ("add", "change", "remove")},
            "unmentioned": found.unmentioned.get(name, 0),
        }
        for name in SECTIONS
        if name in found.counts or name in found.unmentioned
    }
    errors: tuple[RowError, ...] = found.errors
    return {"applied": not dry_run and not errors, "errors": errors, "counts": counts}


def _administrators_only() -> None:
    if not person().is_administrator:
        raise NotFound("没有这个地址，或者它与您无关。 / There is no such address, or it is none of your business.")
