"""Tells people what compiling a folder did."""

from collections.abc import Iterator
from pathlib import Path

from workflows.plans.compiler.folder import Outcome

_DONE = {
    "made": "新建 / made",
    "replaced": "更新 / replaced",
    "merged": "与设计者的修改合并 / merged with the designer's changes",
    "removed": "删除 / removed",
}
_MOST_LINES = 40


def lines(folder: Path, outcome: Outcome) -> Iterator[str]:
    """Yield the report: what happened to each file, then what stands against it."""
    for key, words in _DONE.items():
        for name in getattr(outcome, key):
            yield f"{folder / name}：{words}"
    if not outcome.changes and not outcome.refused:
        yield f"{folder}：没有变化 / nothing changed（{len(outcome.unchanged)}）"
    if outcome.refused:
        yield f"{folder}：设计者改过这些地方，没有写入 / a designer changed these places, nothing was written"
    for conflict in outcome.conflicts:
        yield f"  {conflict.line()}"
    for name, places in outcome.shown.items():
        yield f"  {name}：无法合并，差异如下（左：现有，右：计划） / cannot be merged; what differs"
        yield from (f"    {place}" for place in places[:_MOST_LINES])
        if len(places) > _MOST_LINES:
            yield f"    … {len(places) - _MOST_LINES}"
