"""Holds the room map of docs/architecture.md against the folders that exist. Exit status 1 when they differ."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("engine", "workflows", "web")
ROW = re.compile(r"^\|\s*(`[^|]+`)\s*\|", re.MULTILINE)


def rooms_on_the_map() -> set[str]:
    """Read the first column of every table whose cells are folder names such as ``engine/store``."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    names = (name for cell in ROW.findall(text) for name in re.findall(r"`([^`]+)`", cell))
    return {name.rstrip("/") for name in names if name.split("/")[0] in HOUSE and "/" in name}


def rooms_in_the_code() -> set[str]:
    """List the packages one level below each part of the house."""
    return {
        f"{part}/{folder.name}"
        for part in HOUSE
        for folder in (ROOT / part).iterdir()
        if folder.is_dir() and (folder / "__init__.py").exists()
    }


def main() -> int:
    """Compare the two and say what differs."""
    on_map, in_code = rooms_on_the_map(), rooms_in_the_code()
    missing = {room for room in on_map if not (ROOT / room).exists()}
    for room in sorted(in_code - on_map):
        print(f"docs/architecture.md does not name the room {room}")
    for room in sorted(missing):
        print(f"docs/architecture.md names {room}, which does not exist")
    return 1 if missing or in_code - on_map else 0


if __name__ == "__main__":
    sys.exit(main())
