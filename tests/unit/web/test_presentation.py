"""Codes of the engine become words."""

import pytest
from flask import Flask
from flask_babel import Babel

from web.presentation import words


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("agreed", "同意"),
        ("cancelled", "已取消"),
        ("cancelled(resubmitted)", "已取消（重新提交）"),
        ("cancelled(of-another-version)", "已取消"),
        ("a-code-of-an-extension", "a-code-of-an-extension"),
        (None, ""),
    ],
)
def test_a_code_with_its_reason_is_said_in_words(code: str | None, said: str) -> None:
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "zh")
    with app.test_request_context():
        assert words(code) == said
