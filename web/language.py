"""Chinese by default, English by choice; the choice lies in a cookie. Message ids are the Chinese sentences."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel, get_locale

from engine.wording import CHINESE, ENGLISH, Sentence, in_language, listed
from web.api.address import is_api

LANGUAGES = {"zh": "中文", "en": "English"}
COOKIE = "lang"


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


def language() -> str:
    """Return the page's language as sentences of the engine know it."""
    return ENGLISH if is_english() else CHINESE


def side(text: str) -> str:
    """Return a sentence of the engine, or the half of a text Chinese " / " English, in the page's language."""
    return in_language(text, language())


def sided(value: Any) -> Any:
    """Return a value with every sentence of the engine in it, however deep, in the page's language."""
    if isinstance(value, Sentence):
        return side(value)
    if isinstance(value, dict):
        return {sided(name): sided(one) for name, one in value.items()}
    return [sided(one) for one in value] if isinstance(value, (list, tuple)) else value


def in_a_row(parts: Iterable[object], separator: str = "、") -> str:
    """Return texts in a row, with the page's separators."""
    return side(listed(map(str, parts), separator))


def colon(name: object, value: object) -> str:
    """Return a name with its value behind a colon."""
    return in_a_row((name, value), "：")


def bracketed(text: object) -> str:
    """Return a text in the page's brackets, to stand behind a word."""
    return f" ({text})" if is_english() else f"（{text}）"


class SpokenJson(DefaultJSONProvider):
    """JSON whose sentences are in the reader's language."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(sided(obj), **kwargs)


def install(app: Flask) -> None:
    """Set up Flask-Babel, sentences in templates and in JSON, and ``pick`` and ``side`` in templates."""
    app.config.update(BABEL_DEFAULT_LOCALE="zh", BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    Babel(app, locale_selector=chosen)
    app.json = SpokenJson(app)
    app.jinja_env.policies["json.dumps_function"] = app.json.dumps
    app.jinja_env.finalize = _shown
    app.jinja_env.filters.update(side=side, in_a_row=in_a_row, bracketed=bracketed)
    app.jinja_env.globals.update(pick=pick, colon=colon, is_english=is_english, LANGUAGES=LANGUAGES)


def _shown(value: Any) -> Any:
    return side(value) if isinstance(value, Sentence) else value
