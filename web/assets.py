"""Built assets by their hashed names, and icons inlined as SVG."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from markupsafe import Markup

_ICON_NAME = re.compile(r"^[a-z0-9-]+$")


@cache
def _read(path: Path, _changed_at: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def built_file(name: str) -> Path:
    """Return the path of a file that the build wrote, such as the font of printed papers."""
    path = Path(current_app.static_folder or "") / "dist" / name
    if not path.is_file():
        raise RuntimeError("the front end is not built: run `make setup` (npm run build)")
    return path


def _built(name: str) -> dict[str, Any]:
    """Read a file that the build wrote, anew only after another build."""
    path = Path(current_app.static_folder or "") / "dist" / name
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise RuntimeError("the front end is not built: run `make setup` (npm run build)") from error


def _address(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


def head() -> Markup:
    """Return the sheets and the script that every page loads."""
    manifest = _built("manifest.json")
    vendor = manifest["web/frontend/css/vendor.css"]
    base = manifest["web/frontend/islands/base.js"]
    sheets = [vendor["file"], *base.get("css", [])]
    lines = [Markup('<link rel="stylesheet" href="{}">').format(_address(file)) for file in sheets]
    lines += [
        Markup('<link rel="modulepreload" href="{}">').format(_address(manifest[key]["file"]))
        for key in base.get("imports", [])
    ]
    lines.append(Markup('<script type="module" src="{}"></script>').format(_address(base["file"])))
    return Markup("\n").join(lines)


def preload(name: str) -> Markup:
    """Have the browser fetch at once what a page's scripts will ask for (``task``)."""
    entry = _built("manifest.json")[f"web/frontend/{name}/index.js"]
    return Markup('<link rel="modulepreload" href="{}">').format(_address(entry["file"]))


def island(name: str) -> Markup:
    """Return the sheets and the script of an island that only some pages load (``designer``)."""
    entry = _built("manifest.json")[f"web/frontend/{name}/index.js"]
    lines = [Markup('<link rel="stylesheet" href="{}">').format(_address(file)) for file in entry.get("css", [])]
    lines.append(Markup('<script type="module" src="{}"></script>').format(_address(entry["file"])))
    return Markup("\n").join(lines)


def icon(name: str, size: int = 18) -> Markup:
    """Return an icon of the family as inline SVG, invisible to screen readers."""
    if not _ICON_NAME.match(name):
        raise ValueError(f"not an icon: {name}")
    shapes = _built("icons.json")[name]
    return Markup(  # noqa: S704 - the shapes come from our own build
        f'<svg aria-hidden="true" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" '
        f'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{shapes}</svg>'
    )


def install(app: Flask) -> None:
    """Give templates ``head_assets()``, ``island()``, ``preload()`` and ``icon()``."""
    app.jinja_env.globals.update(head_assets=head, island=island, preload=preload, icon=icon)
