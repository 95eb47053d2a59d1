"""A form, and the judgement of what people submit: the browser decides nothing (frontend.md, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.calendars import SHANGHAI
from engine.definitions.forms.check import Submission
from engine.definitions.forms.schema import FormField, flat, read_fields, read_schema
from engine.errors import InvalidInput
from engine.expressions import Evaluator
from engine.wording import listed, say

MOST_SUMMARY = 6


@dataclass(frozen=True)
class Form:
    """A form-js form. Immutable; may be shared between threads.

    ``fields`` are all fields of the top scope, those in groups included; a dynamiclist carries its row's fields in
    ``children``. ``tree`` is the same with its groups.
    """

    key: str
    schema: Mapping[str, Any]
    tree: tuple[FormField, ...]
    fields: tuple[FormField, ...]

    @classmethod
    def parse(cls, content: bytes) -> "Form":
        """Read a ``.form`` file. Raises InvalidInput with the place of what the server cannot judge."""
        schema = read_schema(content)
        tree = read_fields(schema)
        return cls(str(schema.get("id") or ""), schema, tree, tuple(flat(tree)))

    @property
    def summary(self) -> tuple[FormField, ...]:
        """The key facts a designer marked with the property ``summary``, at most six."""
        marked = [field for field in self.fields if str(field.properties.get("summary")).lower() == "true"]
        return tuple(marked[:MOST_SUMMARY])

    @property
    def key_fields(self) -> tuple[FormField, ...]:
        """The fields marked with the property ``key``: changing one after a return makes everybody sign again (R6)."""
        return tuple(field for field in self.fields if str(field.properties.get("key")).lower() == "true")

    @property
    def attachment_fields(self) -> tuple[FormField, ...]:
        """The fields that hold attachments."""
        return tuple(field for field in self.fields if field.type == "filepicker")

    def field(self, key: str) -> FormField | None:
        """Return a field of the top scope by key."""
        return next((field for field in self.fields if field.key == key), None)

    def check(
        self,
        data: Mapping[str, Any],
        *,
        rights: Mapping[str, str],
        stored: Mapping[str, Any],
        evaluator: Evaluator,
        at: datetime,
        partial: bool = False,
        strict: bool = True,
    ) -> dict[str, Any]:
        """Return what of a submission counts.

        Parameters
        ----------
        data
            What the browser sent, as JSON has it.
        rights
            ``edit``, ``read`` or ``hidden`` by key of the top scope; ``edit`` where nothing is said.
        stored
            What the server knows: read-only fields keep these values, conditions and computed options see them.
        at
            The instant of the submission, for ``today()`` and past dates.
        partial
            A draft: shapes and lengths count, demands (required, minimum …) do not yet.
        strict
            Refuse keys that the form does not declare; otherwise they are dropped.

        Raises
        ------
        InvalidInput
            ``fields`` has a sentence for each refused field, by path (``rows[0].name``). Nothing was changed.
        """
        if not isinstance(data, Mapping):
            raise InvalidInput(say("提交的内容必须是一个对象。"), {"": say("提交的内容必须是一个对象。")})
        submission = Submission(
            evaluator=evaluator,
            at=at,
            today=at.astimezone(SHANGHAI).date(),
            rights=rights,
            partial=partial,
            strict=strict,
        )
        cleaned = submission.judge(self.tree, data, stored)
        if submission.errors:
            raise InvalidInput(listed(list(submission.errors.values())[:5], "；"), submission.errors)
        return cleaned
