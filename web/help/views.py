"""The guides of ``docs/`` as pages, in the page's language; pictures come from ``docs/images``."""

import re
from pathlib import Path

import markdown
from flask import Blueprint, Response, redirect, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from engine.errors import NotFound
from web.language import is_english

help_pages = Blueprint("help", __name__)

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = ("guide", "guide-campaigns", "designer")
"""What people read in the application; everything else is for those who run or change it."""

_LINK = re.compile(r'<a href="([^"#]+)">(.*?)</a>', re.DOTALL)
_LANGUAGES = re.compile(r"^\[(?:中文|English)\].*\n", re.MULTILINE)


@help_pages.get("/help")
def index() -> ResponseReturnValue:
    """Open the guide for everybody."""
    return redirect(url_for("help.guide", name=GUIDES[0]))


@help_pages.get("/help/<name>")
def guide(name: str) -> ResponseReturnValue:
    """Show a guide."""
    if name not in GUIDES:
        raise NotFound(_("没有这份指南。"))
    text = (DOCS / f"{name}{'' if is_english() else '.zh-CN'}.md").read_text("utf-8")
    body = markdown.markdown(_LANGUAGES.sub("", text), extensions=["tables", "toc"])
    titles = {"guide": _("领导和工作人员"), "guide-campaigns": _("行动办公室"), "designer": _("流程设计")}
    return render_template("help/page.html", name=name, titles=titles, body=Markup(_LINK.sub(_kept, body)))  # noqa: S704


@help_pages.get("/help/images/<name>.png")
def image(name: str) -> Response:
    """Return a picture of a guide."""
    return send_from_directory(DOCS / "images", f"{name}.png", max_age=3600)


def _kept(link: re.Match[str]) -> str:
    """Lead links between guides to their pages; of links to other documents the words stay."""
    target, words = link.groups()
    name = target.removesuffix(".md").removesuffix(".zh-CN")
    return f'<a href="{url_for("help.guide", name=name)}">{words}</a>' if name in GUIDES else words
