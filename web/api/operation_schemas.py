"""What the operations of approvals take."""

from marshmallow import fields

from engine.tasks.comments import MAX_COMMENT
from engine.tasks.decisions import MAX_OPINION
from engine.tasks.policy import GROUP_POLICIES
from engine.tasks.signers import MOST_ADDED
from web.api.shared import SeenSchema
from web.api.values import Choice, Flag, Identifier, Instant, Items, Number, Schema, Text, Variables, about

MOST_SLOTS = 100


class DecisionSchema(SeenSchema):
    """A decision with its form."""

    opinion = Text(most=MAX_OPINION, load_default="")
    variables = Variables(load_default=None, allow_none=True, metadata=about("The form's fields"))
    signature = fields.String(
        load_default=None, allow_none=True, metadata=about("A PNG picture in Base64", contentEncoding="base64")
    )


class AbstainSchema(SeenSchema):
    """An abstention: no form."""

    opinion = Text(most=MAX_OPINION, load_default="")
    signature = fields.String(
        load_default=None, allow_none=True, metadata=about("A PNG picture in Base64", contentEncoding="base64")
    )


class TransferSchema(SeenSchema):
    """To whom, and why."""

    user_id = Identifier(required=True)
    reason = Text(load_default="")


class OpinionSchema(SeenSchema):
    """An opinion that somebody asked for."""

    opinion = Text(most=MAX_OPINION, least=1, required=True)


class ReasonSchema(SeenSchema):
    """Why, if there is something to say."""

    reason = Text(load_default="")


class NeededReasonSchema(SeenSchema):
    """Why."""

    reason = Text(least=1, required=True)


class AskFirstSchema(SeenSchema):
    """Who acts before the owner."""

    people = Items(Identifier(), least=1, most=MOST_ADDED, required=True)
    policy = Choice(sorted(GROUP_POLICIES), load_default="all")
    reason = Text(load_default="")


class AskAfterSchema(SeenSchema):
    """Who acts after the owner, whose decision is stored at once."""

    people = Items(Identifier(), least=1, most=MOST_ADDED, required=True)
    policy = Choice(sorted(GROUP_POLICIES), load_default="all")
    opinion = Text(most=MAX_OPINION, load_default="")


class AskBesideSchema(SeenSchema):
    """Who joins the electorate."""

    people = Items(Identifier(), least=1, most=MOST_ADDED, required=True)
    reason = Text(load_default="")


class ReturnSchema(SeenSchema):
    """Where to, why, and how it comes back."""

    target = Text(most=200, load_default="previous", metadata=about("An element's id, `previous` or `initiator`"))
    reason = Text(least=1, required=True)
    mode = Choice(["direct", "again"], load_default="direct")
    signers = Items(
        Identifier(), most=MOST_ADDED, load_default=None, allow_none=True, metadata=about("Only these sign again (R5)")
    )


class ReturnToCallerSchema(SeenSchema):
    """Where to in the calling process, and why."""

    target = Text(most=200, required=True)
    reason = Text(least=1, required=True)


class ReturnUnitsSchema(SeenSchema):
    """Which units' instances of a fan-out begin again, and why."""

    target = Text(most=200, required=True)
    children = Items(Identifier(), least=1, most=1000, required=True)
    reason = Text(least=1, required=True)


class CopySchema(SeenSchema):
    """Who gets a read-only copy."""

    people = Items(Identifier(), least=1, most=100, required=True)
    text = Text(most=500, load_default="")


class ExtendSchema(SeenSchema):
    """Until when, and why."""

    due = Instant(required=True)
    reason = Text(least=1, required=True)


class JumpSchema(SeenSchema):
    """Where to, and why."""

    target = Text(most=200, required=True)
    reason = Text(least=1, required=True)


class HandOverSchema(SeenSchema):
    """To whom; nobody named means the deputy or the supervisor."""

    user_id = Identifier(load_default=None, allow_none=True)
    reason = Text(load_default="")


class CommentTextSchema(Schema):
    """A remark."""

    message = Text(least=1, most=MAX_COMMENT, required=True)


class DraftSchema(Schema):
    """What was typed so far; ``draftVersion`` is the one that was seen, 0 for none."""

    variables = Variables(required=True)
    draft_version = Number(most=2**31 - 1, load_default=0)


class DraftVersionSchema(Schema):
    """A draft's version."""

    draft_version = fields.Integer(required=True)


class BatchAgreeSchema(Schema):
    """Which tasks of one process, with one opinion."""

    tasks = Items(Identifier(), least=1, most=MOST_SLOTS, required=True)
    opinion = Text(most=MAX_OPINION, load_default="")
    dry_run = Flag(load_default=False)


class RowResultSchema(Schema):
    """What became of one row."""

    task_id = Identifier(required=True)
    title = fields.String()
    done = fields.Boolean(required=True)
    sentence = fields.String(required=True)
