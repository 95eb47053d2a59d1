"""What the editor asks while somebody draws: the lint, expressions, decisions, forms, and what can be chosen."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, jsonify
from marshmallow import fields

from engine.definitions.packages import Package
from engine.errors import InvalidInput, NotFound
from web.context import running_engine
from web.designer.room import Body, allowed, designer, finding_json, object_of, read, text
from web.language import pick, side
from workflows.designer.checking import Checked, check_with_fixes
from workflows.designer.choices import Choice
from workflows.designer.drafts import Draft, read_draft
from workflows.designer.pickers import pickers
from workflows.designer.texts import check_sizes, checked_path, problem_of
from workflows.designer.trying import try_decision, try_expression, try_form


class CheckBody(Body):
    """Texts that are on the screen and not saved yet."""

    files = object_of(fields.String(allow_none=True))


class FeelBody(Body):
    """An expression to try."""

    expression = text(required=True, most=100_000)
    kind = text(default="expression")
    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    input = fields.Raw(load_default=None, allow_none=True)


class TextBody(Body):
    """A file of the draft, or its text as it is on the screen."""

    path = text(most=200)
    text_ = fields.String(load_default=None, allow_none=True, data_key="text")


class DecisionBody(TextBody):
    """A decision to try."""

    decision = text(default=None)
    variables = object_of()


class FormBody(TextBody):
    """A form, or a submission, to judge."""

    data = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    rights = object_of(fields.String())
    stored = object_of()


def drawn(key: str, texts: Mapping[str, str | None]) -> Draft:
    """Return the draft with the texts on the screen in the place of its own."""
    with running_engine().db.read() as session:
        allowed(session, key)
        draft = read_draft(session, key)
    files = {path: content for path, content in draft.files.items() if path not in texts}
    files |= {checked_path(path): one.encode() for path, one in texts.items() if one is not None}
    check_sizes(files)
    return replace(draft, files=files)


@designer.post("/<key>/check")
def check(key: str) -> Response:
    """Return what stands against publishing, with what would mend it."""
    given = read(CheckBody())
    began = time.perf_counter()
    draft = drawn(key, given["files"])
    running = running_engine()
    with running.db.read() as session:
        found = check_with_fixes(running, session, draft.package)
    told = [_checked_json(one) for one in found] + _unreadable(draft, given["files"])
    errors = sum(one["severity"] == "error" for one in told)
    return jsonify(
        {
            "errors": errors,
            "warnings": len(told) - errors,
            "milliseconds": round((time.perf_counter() - began) * 1000),
            "findings": told,
        }
    )


def _checked_json(one: Checked) -> dict[str, Any]:
    fixes = [{"label": side(fix.label), "path": one.finding.file, "changes": fix.changes} for fix in one.fixes]
    return {**finding_json(one.finding), "source": one.source, "fixes": fixes}


def _unreadable(draft: Draft, texts: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return a finding for each saved text that cannot be read and is not replaced on the screen."""
    return [
        {
            "path": path,
            "element": None,
            "name": None,
            "line": problem.line,
            "severity": "error",
            "code": "unreadable",
            "message": side(problem.message),
            "help": side("改好它，或放弃这段文字 / Mend it, or throw this text away"),
            "source": "",
            "fixes": [],
        }
        for path, kept in draft.broken.items()
        if path not in texts and (problem := problem_of(path, kept.broken or b"")) is not None
    ]


@designer.post("/<key>/feel")
def feel(key: str) -> Response:
    """Try an expression."""
    given = read(FeelBody())
    with running_engine().db.read() as session:
        allowed(session, key)
    tried = try_expression(
        running_engine(),
        given["expression"],
        kind=given["kind"],
        variables=given["variables"],
        given=given["input"],
    )
    return jsonify(_in_language(tried))


@designer.post("/<key>/decisions/evaluate")
def evaluate_decision(key: str) -> Response:
    """Try a decision."""
    given = read(DecisionBody())
    content = _content(key, given)
    tried = try_decision(running_engine(), content, decision=given["decision"], variables=given["variables"])
    return jsonify(_in_language(tried))


@designer.post("/<key>/forms/validate")
def validate_form(key: str) -> Response:
    """Judge a form or a submission."""
    given = read(FormBody())
    content = _content(key, given)
    tried = try_form(running_engine(), content, data=given["data"], rights=given["rights"], stored=given["stored"])
    return jsonify(_in_language(tried))


@designer.get("/<key>/pickers")
def choices(key: str) -> Response:
    """Return everything that is chosen instead of typed."""
    running = running_engine()
    with running.db.read() as session:
        allowed(session, key)
        package: Package = read_draft(session, key).package
        found = pickers(running, session, package)
    return jsonify({kind: [_choice_json(one) for one in rows] for kind, rows in found.items()})


def _choice_json(one: Choice) -> dict[str, Any]:
    more = dict(one.more)
    if "inputs" in more and more["inputs"] and isinstance(more["inputs"][0], dict):
        more["inputs"] = [{**entry, "label": side(entry["label"])} for entry in more["inputs"]]
    if "fields" in more:
        more["fields"] = [{**entry, "label": pick(entry["label"], entry["label_en"])} for entry in more["fields"]]
    more |= {name: side(more[name]) for name in ("hint", "unit") if name in more}
    if "choices" in more:
        more["choices"] = [(value, side(called)) for value, called in more["choices"]]
    return {"value": one.value, "label": pick(one.label, one.label_en), **more}


def _content(key: str, given: Mapping[str, Any]) -> bytes:
    if given["text_"] is not None:
        with running_engine().db.read() as session:
            allowed(session, key)
        return str(given["text_"]).encode()
    if not given["path"]:
        raise InvalidInput("缺少 path 或 text / path or text is missing", {"path": "缺少此项 / It is missing"})
    found = drawn(key, {}).files.get(given["path"])
    if found is None:
        raise NotFound("没有这个文件 / There is no such file")
    return found


def _in_language(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "message": side(told["message"])} if "message" in told else told
