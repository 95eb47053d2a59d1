"""Compiles a plan: its diagrams with layout, its forms, its decision tables."""

import json
from collections.abc import Mapping
from typing import Any

from workflows.plans.compiler.campaign import lower_plan, main_code
from workflows.plans.compiler.dmn import dmn
from workflows.plans.compiler.human import file_name
from workflows.plans.compiler.layout import draw
from workflows.plans.compiler.write import bpmn
from workflows.plans.form_fields import form_json
from workflows.plans.schema import read_plan_file


def compile_plan(content: bytes, key: str) -> dict[str, bytes]:
    """Return the files that a ``plan.yaml`` makes, by name; the same plan always makes the same bytes.

    Parameters
    ----------
    content
        The file.
    key
        Key of the package: the campaign's diagram is ``<key>.bpmn``.

    Raises
    ------
    InvalidInput
        The plan is wrong, or cannot be compiled; names every place.

    """
    return compile_checked(read_plan_file(content), key)


def compile_checked(plan: Mapping[str, Any], key: str) -> dict[str, bytes]:
    """Return the files that a checked plan makes."""
    output = lower_plan(plan, key)
    space = str(plan["catalogue"] or key).lower()
    main = main_code(plan, key)
    files: dict[str, bytes] = {}
    for code, process in output.processes.items():
        name = key if code == main else file_name(code.removesuffix("_process"))
        files[f"{name}.bpmn"] = bpmn(process, draw(process), space=space)
    forms = {file_name(one["code"]): one["content"] for one in plan["forms"]}
    for name, content in {**forms, **output.forms}.items():
        files[f"{name}.form"] = _json(form_json(name, content))
    for decision in plan["decisions"]:
        files[f"{file_name(decision['code'])}.dmn"] = dmn(decision, space=space)
    return dict(sorted(files.items()))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
