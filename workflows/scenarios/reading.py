"""Reads scenario files: YAML with line numbers, checked by schemas, with ``for_each`` written out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from marshmallow import Schema, ValidationError

from engine.wording import listed, say
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.schemas import ForEachSchema, PeopleSchema, ScenarioSchema
from workflows.scenarios.verbs import STEPS

MAX_STEPS = 5000
_NAME = re.compile(r"\{([A-Za-z_]\w*)\}")


class Block(dict[str, Any]):
    """A mapping of the file that knows its line."""

    line = 0


class _Loader(yaml.SafeLoader):
    """Keeps lines, and keeps dates as the texts that they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _construct_block(loader: _Loader, node: yaml.MappingNode) -> Iterator[Block]:
    block = Block()
    block.line = node.start_mark.line + 1
    yield block
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.value in seen and key_node.tag != "tag:yaml.org,2002:merge":
            raise ScenarioError(
                say("第 {line} 行：键“{value}”写了两次", line=key_node.start_mark.line + 1, value=key_node.value)
            )
        seen.add(key_node.value)
    loader.flatten_mapping(node)
    block.update({str(key): value for key, value in loader.construct_mapping(node, deep=True).items()})


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_block)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a verb with its checked arguments."""

    number: int
    line: int
    verb: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario file."""

    name: str
    catalogue: str
    starts_at: str
    people: Mapping[str, Any]
    steps: tuple[Step, ...]
    answered: tuple[str, ...] = ()


def read_scenario(content: bytes, *, catalogue: str = "", filename: str = "scenario.yaml") -> Scenario:
    """Read and check a scenario; raises :class:`ScenarioError` naming file, line, step and key."""
    try:
        root = yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader that only keeps lines
    except ScenarioError as error:
        raise ScenarioError(f"{filename} {error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(say("{filename} 不是有效的 YAML：{error}", filename=filename, error=error)) from error
    if not isinstance(root, Block):
        raise ScenarioError(say("{filename} 的最外层应是键值对", filename=filename))
    checked = _load(ScenarioSchema(), root, say("{filename} 第 {line} 行", filename=filename, line=root.line))
    steps = tuple(_steps(checked["steps"], filename))
    if len(steps) > MAX_STEPS:
        raise ScenarioError(say("{filename} 展开后超过 {most} 步", filename=filename, most=MAX_STEPS))
    return Scenario(
        checked["name"],
        checked["catalogue"] or catalogue,
        checked["starts_at"],
        checked["people"],
        steps,
        tuple(checked["answered"]),
    )


def read_step(number: int, verb: str, arguments: Any) -> Step:
    """Check one step that stands in no file, such as the designer's dry runs play; raises :class:`ScenarioError`."""
    if verb not in STEPS:
        raise ScenarioError(say("不认识的动词“{verb}”；可用：{steps}", verb=verb, steps=listed(sorted(STEPS))))
    return Step(number, 0, verb, STEPS[verb].read(arguments, say("第 {number} 步", number=number), _load))


def read_people(people: Any) -> dict[str, Any]:
    """Check the people of a scenario that stands in no file; raises :class:`ScenarioError`."""
    checked: dict[str, Any] = _load(PeopleSchema(), people, "people")
    return checked


def _steps(raw: list[Any], filename: str) -> Iterator[Step]:
    for number, (block, values) in enumerate(_flat(raw, {}, filename), start=1):
        place = say("{filename} 第 {line} 行（第 {number} 步）", filename=filename, line=block.line, number=number)
        verbs = [key for key in block if key != "note"]
        if len(verbs) != 1:
            raise ScenarioError(
                say("{place}：一步只能有一个动词，这里有 {verbs}", place=place, verbs=listed(verbs) or say("零个"))
            )
        verb = verbs[0]
        if verb not in STEPS:
            raise ScenarioError(
                say(
                    "{place}：不认识的动词“{verb}”；可用：{steps}、for_each",
                    place=place,
                    verb=verb,
                    steps=listed(sorted(STEPS)),
                )
            )
        yield Step(number, block.line, verb, STEPS[verb].read(_filled(block[verb], values), place, _load))


def _flat(raw: list[Any], values: Mapping[str, str], filename: str) -> Iterator[tuple[Block, Mapping[str, str]]]:
    for block in raw:
        if not isinstance(block, Block):
            raise ScenarioError(say("{filename}：每一步都应是键值对，这里是“{block}”", filename=filename, block=block))
        if "for_each" not in block:
            yield block, values
            continue
        place = say("{filename} 第 {line} 行", filename=filename, line=block.line)
        loop = _load(ForEachSchema(), block["for_each"], place)
        for one in loop["in_"]:
            yield from _flat(loop["steps"], {**values, loop["as_"]: str(one)}, filename)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """Put loop values into the texts, leaving names alone that belong to the running step (``{unit}``)."""
    if not values:
        return value
    if isinstance(value, str):
        return _NAME.sub(lambda match: values.get(match[1], match[0]), value)
    if isinstance(value, dict):
        filled = Block({_filled(key, values): _filled(one, values) for key, one in value.items()})
        filled.line = getattr(value, "line", 0)
        return filled
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    return value


def _load(schema: Schema, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise ScenarioError(say("{place}：这里应是键值对，而不是“{value}”", place=place, value=value))
    try:
        return schema.load(value)
    except ValidationError as error:
        sentences = listed(_sentences(error.messages), "；")
        raise ScenarioError(say("{place}：{sentences}", place=place, sentences=sentences)) from error


def _sentences(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _sentences(value, f"{path}.{key}" if path else str(key))
        return
    for message in messages:
        yield say("{path}：{message}", path=path, message=message) if path else str(message)
