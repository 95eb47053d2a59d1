"""Sentences for people: Chinese where they are made, in the reader's language where they are read.

What the engine says to a person is made by :func:`say` from a Chinese template and its values. The result *is* the
Chinese sentence, so that logs, command line and tests see plain text, and it still knows what it was made of:
:func:`in_language` says it again in another language by a catalogue of templates (``english.po`` beside the code).
Columns that keep sentences have the type :class:`engine.store.SentenceText`.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import orjson
from babel.messages.pofile import read_po

CHINESE, ENGLISH = "zh", "en"

_CATALOGUES = [Path(__file__).with_name("english.po")]
_SEPARATORS = {"、": ", ", "，": ", ", "；": "; ", "：": ": ", "": " "}
_NAME, _NAME_IN_ENGLISH = "{chinese}", "{english}"
_PACKED = "\x1e"
"""Stands between a kept sentence's text and what it was made of; taken out of all other texts that are kept."""
_WORD = re.compile(r"[A-Za-z]{3,}")
"""A sentence has a word; what stands behind the stroke of a fraction has none."""


class Sentence(str):
    """A Chinese sentence with its template and values.

    ``values`` are texts by name, or, of a list of sentences, its parts in order; then the template is what stands
    between them. Values may be sentences themselves. ``str()`` leaves a sentence what it is; joining or cutting it
    gives plain Chinese text.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str] | tuple[str, ...]

    def __new__(cls, template: str, values: Mapping[str, str] | tuple[str, ...] = MappingProxyType({})) -> Self:
        text = template.join(values) if isinstance(values, tuple) else template.format_map(values)
        self = super().__new__(cls, text)
        self.template, self.values = template, values
        return self

    def __str__(self) -> str:
        return self

    def format(self, *args: object, **values: object) -> str:
        """Return itself where nothing is left to fill in, as libraries do with their messages."""
        text = super().format(*args, **values)
        return self if text == self else text

    def __reduce__(self) -> tuple[Any, ...]:
        values = self.values if isinstance(self.values, tuple) else dict(self.values)
        return type(self), (self.template, values)

    def spoken(self, language: str) -> str:
        """Return it as plain text in a language; a template without English stays Chinese."""
        if isinstance(self.values, tuple):
            between = _SEPARATORS.get(self.template, self.template) if language == ENGLISH else self.template
            return between.join(spoken(one, language) for one in self.values)
        template = (_english().get(self.template) if language == ENGLISH else None) or _half(self.template, language)
        return template.format_map({name: spoken(value, language) for name, value in self.values.items()})


def say(template: str, /, **values: object) -> Sentence:
    """Return a Chinese sentence that can be said in English too.

    Parameters
    ----------
    template
        Chinese, with ``{name}`` for each value; its English is in the catalogue (a unit test holds them together).
        Where both languages stand in the code, ``中文 / English``, each reader gets a half.
    values
        What is filled in: texts, numbers, other sentences.

    """
    return Sentence(template, {name: str(value) for name, value in values.items()})


def listed(parts: Iterable[str], separator: str = "、") -> Sentence:
    """Return parts in a row, with the separators of the reader's language; sentences among them stay sentences."""
    return Sentence(separator, tuple(parts))


def named(chinese: str, english: str) -> str:
    """Return the name of somebody or something that has one in each language; without an English one, the Chinese."""
    return Sentence(_NAME, {"chinese": chinese, "english": english}) if english else chinese


def both(text: str) -> str:
    """Return a text ``中文 / English`` as a sentence of both halves, anything else as it is."""
    if isinstance(text, Sentence) or _half(text, ENGLISH) == text:
        return text
    return Sentence(text.replace("{", "{{").replace("}", "}}"))


def spoken(text: str, language: str) -> str:
    """Return a sentence in a language, and anything else, which may be somebody's own words, as it is."""
    return text.spoken(language) if isinstance(text, Sentence) else text


def in_language(text: str, language: str) -> str:
    """Return a sentence in a language, ``zh`` or ``en``; of a text ``中文 / English`` the half that is asked for."""
    return spoken(text, language) if isinstance(text, Sentence) else _half(text, language)


def packed(text: str) -> str:
    """Return a sentence as a text that can be kept: itself, and behind it what it was made of; others as they are."""
    plain = text.replace(_PACKED, " ")
    if not isinstance(text, Sentence):
        return plain
    values = text.values
    kept = [packed(one) for one in values] if isinstance(values, tuple) else {k: packed(v) for k, v in values.items()}
    return f"{plain}{_PACKED}{orjson.dumps([text.template, kept]).decode()}"


def unpacked(text: str) -> str:
    """Return what :func:`packed` kept."""
    _, mark, rest = text.partition(_PACKED)
    if not mark:
        return text
    template, kept = orjson.loads(rest)
    if isinstance(kept, list):
        return Sentence(template, tuple(unpacked(one) for one in kept))
    return Sentence(template, {name: unpacked(value) for name, value in kept.items()})


def add_catalogue(path: Path) -> None:
    """Add a catalogue: Chinese templates and their English (gettext's .po)."""
    _CATALOGUES.append(path)
    _english.cache_clear()


@cache
def _english() -> Mapping[str, str]:
    found = {_NAME: _NAME_IN_ENGLISH}
    for path in _CATALOGUES:
        with path.open("rb") as file:
            found |= {str(one.id): str(one.string) for one in read_po(file) if one.id and one.string}
    return found


def _half(text: str, language: str) -> str:
    chinese, stroke, english = text.partition(" / ")
    if not stroke or not _WORD.search(english):
        return text
    return english if language == ENGLISH else chinese
