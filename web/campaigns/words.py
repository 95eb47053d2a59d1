"""Names of the sheets, their columns and the codes in their cells, in the page's language."""

from flask_babel import gettext

from workflows.sheets.names import CELL_WORDS, HEADINGS, SHEET_NAMES


def sheet_name(code: str) -> str:
    """Return the name of a sheet."""
    return gettext(SHEET_NAMES.get(code, code))


def heading(code: str) -> str:
    """Return the heading of a column."""
    return gettext(HEADINGS.get(code, code))


def cell_words(code: str) -> str:
    """Return the words for a code in a cell; a code that the plan made up stays itself."""
    return gettext(CELL_WORDS[code]) if code in CELL_WORDS else code
