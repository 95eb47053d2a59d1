"""Names of sheets are kept in Chinese beside the sheets; each has its English in the catalogue."""

from tests.unit.web.test_translations import english
from workflows.sheets.catalogue import SHEETS
from workflows.sheets.names import CELL_WORDS, HEADINGS, SHEET_NAMES


def test_every_sheet_column_and_word_has_a_name_in_both_languages() -> None:
    assert {kind.code for kind in SHEETS} == set(SHEET_NAMES)
    assert {column.code for kind in SHEETS for column in kind.columns} <= set(HEADINGS)
    names = {*SHEET_NAMES.values(), *HEADINGS.values(), *CELL_WORDS.values()}
    assert sorted(names - english().keys()) == []
