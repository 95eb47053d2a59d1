"""Texts with a form of their own: formal expressions, languages, media types, URIs, times."""

import re
from collections.abc import Collection
from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import child
from engine.definitions.lint.standard.reporter import Reporter

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_EXPRESSIONS = (
    "conditionExpression",
    "completionCondition",
    "activationCondition",
    "condition",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "loopCondition",
    "loopCardinality",
    "from",
    "to",
)
_CONDITIONS = ("conditionExpression", "completionCondition", "activationCondition", "condition", "loopCondition")
_TIMES = ("timeDate", "timeDuration", "timeCycle")
_NAME = re.compile(r"(?![Pp][\dT])[^\W\d]\w*")
_ALWAYS_FORMAL = frozenset({"complexBehaviorDefinition"})
"""Where the schema itself says that the expression is formal."""

_URI = re.compile(r"(?:[\w\-.~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_NOT_BOOLEAN = re.compile(r"""[-+]?\d+(?:\.\d+)?|"[^"]*"|'[^']*'""")


def check_texts(lint: Reporter) -> None:
    """Check the texts whose form the standard prescribes."""
    _check_expressions(lint)
    _check_languages(lint)
    for element in lint.document.of("documentation", "textAnnotation"):
        _check_media_type(lint, element, "textFormat")
    for element in lint.document.of("transaction"):
        _check_uri(lint, element, "method")
    for element in lint.document.of("globalScriptTask"):
        _check_uri(lint, element, "scriptLanguage")


def _check_expressions(lint: Reporter) -> None:
    document = lint.document
    for element in document.of(*_EXPRESSIONS):
        if not (element.text or "").strip():
            continue
        text = element.text.strip()
        tag = local_name(element)
        typed = (element.get(_TYPE) or "").rpartition(":")[2] == "tFormalExpression"
        if not typed and local_name(element.getparent()) not in _ALWAYS_FORMAL:
            lint.report("informal-expression", element, tag=tag, text=text)
        if tag in _TIMES and _NAME.fullmatch(text):
            lint.report("not-a-time", element, tag=tag, text=text)
        if tag in _CONDITIONS and _NOT_BOOLEAN.fullmatch(text.removeprefix("=").strip()):
            lint.report("not-boolean", element, tag=tag, text=text)


def _check_languages(lint: Reporter) -> None:
    for name in ("expressionLanguage", "typeLanguage"):
        _check_uri(lint, lint.document.root, name)
    for element in lint.document.elements:
        if "language" in element.attrib:
            _check_uri(lint, element, "language")


def _check_uri(lint: Reporter, element: Any, name: str) -> None:
    value = element.get(name)
    if value is not None and not _URI.fullmatch(value.strip()):
        lint.report("not-a-uri", element, name=name, value=value)


def _check_media_type(lint: Reporter, element: Any, name: str) -> None:
    value = element.get(name)
    if value is not None and not _MEDIA_TYPE.fullmatch(value.strip()):
        lint.report("not-a-media-type", element, name=name, value=value)


def check_scripts(lint: Reporter) -> None:
    """A script names its format, as a media type in plain BPMN (10.3.3, script task)."""
    for task in lint.document.of("scriptTask"):
        script = child(task, "script")
        written = script is not None and bool("".join(script.itertext()).strip())
        value = task.get("scriptFormat")
        if written and not value:
            lint.report("no-script-format", task)
        elif value and not _MEDIA_TYPE.fullmatch(value.strip()):
            lint.report("script-format", task, value=value)


def check_imports(lint: Reporter, known_files: Collection[str] | None) -> None:
    """What is imported by a relative location lies in the package."""
    for element in lint.document.of("import"):
        location = (element.get("location") or "").strip()
        if known_files is None or not location or ":" in location.split("/")[0] or location.startswith("/"):
            continue
        if location.removeprefix("./").partition("#")[0] not in known_files:
            lint.report("missing-import", element, location=location)
