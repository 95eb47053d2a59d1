"""Rules between the rows of an organisation: references, the tree of units, dates, the last administrator."""

from collections.abc import Collection, Mapping
from datetime import date

from engine.wording import say
from workflows.directory.document import Document, Key, Row
from workflows.directory.sections import SECTIONS
from workflows.organisation.tree import DEEPEST

Rows = Mapping[str, Mapping[Key, Row]]


def check(document: Document, before: Rows, after: Rows, changed: Collection[tuple[str, Key]], today: date) -> None:
    """Add a fault for every rule that would be broken; rows that do not change are not held against anybody."""
    _references(document, after, changed)
    _tree(document, after, changed)
    _closed_units(document, after, changed, today)
    _spans(document, after, changed)
    _posts(document, before, after)
    _administrators(document, before, after)


def _references(document: Document, after: Rows, changed: Collection[tuple[str, Key]]) -> None:
    for name, section in SECTIONS.items():
        referring = [column for column in section.columns if column.refers]
        for key, row in after[name].items():
            if (name, key) not in changed:
                continue
            for column in referring:
                code = row[column.name]
                if code is not None and (code,) not in after[column.refers]:
                    target = SECTIONS[column.refers]
                    document.refuse(
                        name,
                        key,
                        column.name,
                        say(
                            "{chinese}里没有“{code}” / {english}: no “{code}”",
                            chinese=target.chinese,
                            code=code,
                            english=target.english,
                        ),
                    )


def _tree(document: Document, after: Rows, changed: Collection[tuple[str, Key]]) -> None:
    units = after["units"]
    for key in units:
        if ("units", key) not in changed:
            continue
        line, here = {key[0]}, units[key]["parent"]
        while here is not None and (here,) in units:
            if here in line:
                document.refuse("units", key, "parent", "上级单位绕成了圈 / The units above form a circle")
                break
            line.add(here)
            if len(line) > DEEPEST:
                document.refuse(
                    "units", key, "parent", f"单位超过 {DEEPEST} 级 / The tree is deeper than {DEEPEST} levels"
                )
                break
            here = units[here,]["parent"]


def _closed_units(document: Document, after: Rows, changed: Collection[tuple[str, Key]], today: date) -> None:
    units = after["units"]
    closed = {key[0] for key, row in units.items() if not row["active"]}
    for key, row in units.items():
        parent = row["parent"]
        if row["active"] and parent in closed and {("units", key), ("units", (parent,))} & set(changed):
            at = key if ("units", key) in changed else (parent,)
            sentence = (
                f"“{parent}”已撤销，下面还有“{row['name']}” / “{parent}” is closed, with “{row['name']}” below it"
            )
            document.refuse("units", at, "active", sentence)
    for key, row in after["holdings"].items():
        last = row["to"]
        current = last is None or (isinstance(last, date) and last >= today)
        if current and row["unit"] in closed:
            where: tuple[str, Key] = ("holdings", key) if ("holdings", key) in changed else ("units", (row["unit"],))
            if where in changed:
                sentence = f"单位已撤销，“{row['person']}”还在任职 / The unit is closed; “{row['person']}” holds a post"
                document.refuse(*where, "unit" if where[0] == "holdings" else "active", sentence)


def _spans(document: Document, after: Rows, changed: Collection[tuple[str, Key]]) -> None:
    for name in ("holdings", "absences"):
        for key, row in after[name].items():
            first, last = row["from"], row["to"]
            if (name, key) in changed and isinstance(first, date) and isinstance(last, date) and last < first:
                document.refuse(name, key, "to", "结束日期早于开始日期 / The last day lies before the first")
    for key, row in after["absences"].items():
        if ("absences", key) in changed and row["person"] == row["deputy"]:
            document.refuse("absences", key, "deputy", "不能由本人代理本人 / Nobody is their own deputy")


def _posts(document: Document, before: Rows, after: Rows) -> None:
    """A post that anybody holds or held stays."""
    gone = {key for key in before["posts"] if key not in after["posts"]}
    held = {row["post"] for row in after["holdings"].values()} if gone else set()
    for (code,) in gone:
        if code in held:
            name = before["posts"][code,]["name"]
            document.refuse(
                "posts", (code,), "code", f"岗位“{name}”有任职记录，不能删除 / Post “{name}” is or was held and stays"
            )


def _administrators(document: Document, before: Rows, after: Rows) -> None:
    def any_in(rows: Rows) -> bool:
        return any(row["administrator"] and row["active"] for row in rows["people"].values())

    if any_in(before) and not any_in(after):
        gone = next(key for key, row in before["people"].items() if row["administrator"] and row["active"])
        document.refuse("people", gone, "administrator", "至少要留一位管理员 / At least one administrator has to stay")
