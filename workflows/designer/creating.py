"""New packages: from an empty canvas, or as a copy of another one."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import yaml
from lxml import etree
from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package
from engine.definitions.vocabulary import BPMN
from engine.errors import DubanError, InvalidInput, NotAllowed, NotFound
from engine.store.bulk import insert_once
from engine.wording import say
from workflows.designer.access import require_designer
from workflows.designer.drafts import Draft, find_package, locked, read_draft, save_in
from workflows.designer.models import DesignedPackage, Presence, Remark, SandboxRecord
from workflows.designer.texts import checked_key

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_NAME = 100
PLAN = "plan.yaml"

_BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
                  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
                  id="definitions" targetNamespace="urn:duban">
  <bpmn:process id={id} name={name} isExecutable="true">
    <bpmn:startEvent id="StartEvent_1" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={id}>
      <bpmndi:BPMNShape id="StartEvent_1_di" bpmnElement="StartEvent_1">
        <dc:Bounds x="180" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def blank_diagram(key: str, name: str) -> bytes:
    """Return a diagram with nothing but a start event."""
    identifier = key if key[0].isalpha() else f"process-{key}"
    return _BLANK.format(id=quoteattr(identifier), name=quoteattr(name)).encode()


def create_package(engine: "Engine", *, person_id: int, key: str, name: str) -> Draft:
    """Make a package with an empty canvas; who makes it owns it. Raises InvalidInput with the field."""
    key, name = checked_key(key), checked_name(name)
    return create_from(engine, person_id=person_id, key=key, name=name, files={f"{key}.bpmn": blank_diagram(key, name)})


def copy_package(engine: "Engine", *, person_id: int, source: str, key: str, name: str) -> Draft:
    """Make a package of another one's files: those of its draft, else of its live version."""
    key, name = checked_key(key), checked_name(name)
    with engine.db.read() as session:
        require_designer(session, person_id, find_package(session, source))
        files = read_draft(session, source).files
    return create_from(engine, person_id=person_id, key=key, name=name, files=_named(source, key, name, files))


def create_from(engine: "Engine", *, person_id: int, key: str, name: str, files: Mapping[str, bytes]) -> Draft:
    """Make a package of files, as its first draft."""
    with engine.db.write() as session:
        require_designer(session, person_id)
        if _is_taken(session, key):
            sentence = f"已经有代码为“{key}”的流程包 / There is a package {key} already"
            raise InvalidInput(sentence, {"key": sentence})
        values = {"key": key, "name": name, "owner_id": person_id, "created_at": engine.clock.now()}
        if not insert_once(session, DesignedPackage, {**values, "version": 0, "drafted": False}):
            raise InvalidInput(
                f"已经有代码为“{key}”的流程包 / There is a package {key} already", {"key": say("已被使用")}
            )
        package = session.get_one(DesignedPackage, key, with_for_update=True)
        return save_in(engine, session, package, person_id=person_id, changes=dict(files))


def checked_name(name: str) -> str:
    """Return a package's name. Raises InvalidInput with the field ``name``."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        sentence = f"名称须有 1 至 {MAX_NAME} 个字 / A name has 1 to {MAX_NAME} characters"
        raise InvalidInput(sentence, {"name": sentence})
    return name


def hand_over(engine: "Engine", *, key: str, person_id: int, owner_id: int) -> None:
    """Give a package to another owner, who has to be a designer."""
    with engine.db.write() as session:
        package = _owned(engine, session, key, person_id)
        try:
            require_designer(session, owner_id)
        except NotFound as error:
            raise InvalidInput(
                "新的负责人不是流程设计人员 / The new owner is no designer", {"owner": say("不是")}
            ) from error
        package.owner_id = owner_id


def remove_package(engine: "Engine", *, key: str, person_id: int) -> None:
    """Take away a package that was never published, with its history, remarks and dry runs."""
    with engine.db.write() as session:
        package = _owned(engine, session, key, person_id)
        if session.query(PackageVersion.id).filter(PackageVersion.key == key).first() is not None:
            raise NotAllowed("发布过的流程包不能删除 / A package that was published cannot be removed")
        for model in (Remark, Presence, SandboxRecord):
            session.execute(delete(model).where(model.key == key))
        session.delete(package)


def _owned(engine: "Engine", session: Session, key: str, person_id: int) -> DesignedPackage:
    """Lock a package for its owner or an administrator; to others it says that there is none."""
    package = locked(engine, session, key=key, person_id=person_id, version=None)
    if not require_designer(session, person_id, package).own:
        raise NotFound("没有这个流程包，或者您不是它的负责人 / There is no such package, or you do not own it")
    return package


def _is_taken(session: Session, key: str) -> bool:
    if session.get(DesignedPackage, key) is not None:
        return True
    return session.query(PackageVersion.id).filter(PackageVersion.key == key).first() is not None


def _named(source: str, key: str, name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a package under another key and name."""
    copied = {(f"{key}.bpmn" if path == f"{source}.bpmn" else path): content for path, content in files.items()}
    plan = copied.get(PLAN)
    if plan is not None and re.search(rb"^name:", plan, re.MULTILINE):
        line = yaml.safe_dump({"name": name}, allow_unicode=True).strip()
        copied[PLAN] = re.sub(r"^name:.*$", lambda _: line, plan.decode(), count=1, flags=re.MULTILINE).encode()
        return copied
    try:
        package = Package(key, copied)
        main = package.main_process
        path = next(path for path, definition in package.diagrams.items() if main in definition.processes)
    except (DubanError, StopIteration):
        return copied
    copied[path] = _with_name(copied[path], main, name)
    return copied


def _with_name(diagram: bytes, process_id: str, name: str) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(diagram, parser)
    for process in root.iter(f"{{{BPMN}}}process"):
        if process.get("id") == process_id:
            process.set("name", name)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
