"""Everything that a page says in Chinese is said in English too, with the same placeholders."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[3] / "web"
CATALOGUE = WEB / "translations/en/LC_MESSAGES/messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
WORDS = {"_": None, "gettext": None, "later": None, "lazy_gettext": None, "ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def english() -> dict[str, str]:
    """Return the catalogue: Chinese to English."""
    with CATALOGUE.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def said() -> set[str]:
    """Return every text that code and templates mark for translation."""
    found = extract_from_dir(WEB, method_map=METHODS, keywords=WORDS)  # type: ignore[arg-type]
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def test_every_text_has_its_english() -> None:
    texts = said()
    assert len(texts) > 300
    assert sorted(texts - english().keys()) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    wrong = {
        text: words
        for text, words in english().items()
        if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(words))
    }
    assert wrong == {}


def test_a_text_stands_once_in_the_catalogue() -> None:
    texts = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text(), re.MULTILINE)
    assert sorted({text for text in texts if texts.count(text) > 1}) == []
