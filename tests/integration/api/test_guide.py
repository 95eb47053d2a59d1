"""docs/api.md: its examples run, and its table of codes is the code's."""

import re
import shlex
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from engine.definitions.models import PackageVersion
from engine.errors import DubanError
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.runtime import Engine
from tests.support.api import approval, number_of, slot_of, token_for
from tests.support.parts import EVERY_PART, fill_every_part, part_world
from tests.support.turning import diagram, line, process, publish
from web.errors import HTTP_CODES

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
WITHIN = frozenset({"error", "lost-answer", "not-migrated", "script-failed"})
"""Codes that never leave the server, and the base's, which is always replaced."""


def examples() -> list[str]:
    """Return the guide's calls, each in one line."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return [call for block in blocks for call in block.splitlines() if call.startswith("curl")]


def test_the_examples_of_the_guide_work(engine: Engine, app: Flask) -> None:
    body = line(approval("A", "bob"), approval("B", "dan"))
    version = publish(engine, {"main.bpmn": diagram(process("main", body))})
    instance = start_instance(
        engine, version_id=version, process_id="main", variables={}, title="采购申请", initiator_id=3
    )
    with engine.db.read() as session:
        package = session.scalars(select(PackageVersion.key)).one()
    with engine.db.write() as session:
        parts = part_world(engine.db, session, EVERY_PART, {"a": "ward", "b": "ward"})
        parts.campaign.initiator_id = number_of("bob")
        fill_every_part(parts, "a", "b")
        campaign = str(parts.campaign.id)
    values = {
        "CAMPAIGN": campaign,
        "DUBAN": "", "TOKEN": token_for(engine, "bob"), "ADMIN": token_for(engine, "boss"),
        "TASK": str(slot_of(engine, "bob").id), "PACKAGE": package, "INSTANCE": str(instance),
    }  # fmt: skip
    client = app.test_client()
    assert len(examples()) > 15
    for example in examples():
        call, _, note = example.partition("  # ")
        for name, value in values.items():
            call = call.replace(f"${name}", value)
        method, headers, data, address = _parsed(call)
        answer = client.open(address, method=method, headers=headers, data=data)
        assert answer.status_code == int(note) if note else answer.status_code in (200, 204), (example, answer.text)
    with engine.db.read() as session:
        assert len(session.scalars(select(Instance.id)).all()) == 3


def _parsed(call: str) -> tuple[str, dict[str, str], str | None, str]:
    method, headers, data, address = "GET", {}, None, ""
    words = iter(shlex.split(call)[1:])
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = next(words)
        else:
            address = word
    return method, headers, data, address


def documented() -> dict[str, int]:
    """Return the guide's table: status by code."""
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| (\d{3}) \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    return {code: int(status) for codes, status in rows for code in re.findall(r"`([a-z-]+)`", codes)}


def _below(kind: type[DubanError]) -> set[type[DubanError]]:
    found = set(kind.__subclasses__())
    return found | {inner for one in found for inner in _below(one)}


def test_every_code_of_the_engine_and_of_the_api_is_in_the_guide() -> None:
    known = {one.code: one.status for one in _below(DubanError) if one.__module__.startswith(("engine.", "web."))}
    wanted = {code: status for code, status in known.items() if code not in WITHIN}
    wanted |= {code: status for status, code in HTTP_CODES.items()}
    told = documented()
    assert wanted.items() - told.items() == set()


@pytest.mark.parametrize("code", documented())
def test_no_code_of_the_guide_is_invented(code: str) -> None:
    root = GUIDE.parents[1]
    sources = [path for part in ("engine", "web") for path in (root / part).rglob("*.py")]
    assert any(f'"{code}' in path.read_text("utf-8") for path in sources) or code.startswith("expression-")
