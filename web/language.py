"""Chinese by default, English by choice; the choice lies in a cookie. Message ids are the Chinese sentences."""

import re

from flask import Flask, request
from flask_babel import Babel, get_locale

from web.api.address import is_api

LANGUAGES = {"zh": "中文", "en": "English"}
COOKIE = "lang"

_WORD = re.compile(r"[A-Za-z]{3,}")
"""A sentence has a word; what stands behind the stroke of a fraction has none."""


def chosen() -> str:
    """Return the person's language, ``zh`` or ``en``; programs say theirs in Accept-Language."""
    given = request.cookies.get(COOKIE, "")
    if given not in LANGUAGES and is_api():
        given = request.accept_languages.best_match(list(LANGUAGES)) or ""
    return given if given in LANGUAGES else "zh"


def is_english() -> bool:
    """Say whether the page is in English."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def pick(chinese: str, english: str) -> str:
    """Return a name in the page's language; an absent English name falls back to the Chinese one."""
    return english if english and is_english() else chinese


def side(text: str) -> str:
    """Return the part of an engine's sentence, Chinese " / " English, that the page's language asks for."""
    chinese, separator, english = text.partition(" / ")
    if not separator or not _WORD.search(english):
        return text
    return english if is_english() else chinese


def install(app: Flask) -> None:
    """Set up Flask-Babel, and ``pick`` and ``side`` in templates."""
    app.config.update(BABEL_DEFAULT_LOCALE="zh", BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    Babel(app, locale_selector=chosen)
    app.jinja_env.filters["side"] = side
    app.jinja_env.globals.update(pick=pick, is_english=is_english, LANGUAGES=LANGUAGES)
