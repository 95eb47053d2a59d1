"""The guides in the application: both languages, their pictures, and nothing else of docs/."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.website import demonstration, signed_in, website


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return website(*demonstration(tmp_path_factory.mktemp("help")))


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return signed_in(app, "office")


@pytest.mark.parametrize("name", ["guide", "guide-campaigns", "designer"])
def test_a_guide_is_shown_with_its_pictures(reader: FlaskClient, name: str) -> None:
    page = reader.get(f"/help/{name}")
    assert page.status_code == 200
    pictures = re.findall(r'<img[^>]+src="(images/[^"]+)"', page.text)
    assert pictures
    assert all(reader.get(f"/help/{one}").status_code == 200 for one in pictures)
    assert ".md" not in " ".join(re.findall(r'href="([^"]+)"', page.text))


def test_a_guide_is_in_the_readers_language(reader: FlaskClient) -> None:
    assert "从纸面方案到系统里的行动" in reader.get("/help/guide-campaigns").text
    reader.set_cookie("lang", "en")
    page = reader.get("/help/guide-campaigns").text
    assert "From the paper plan to a campaign" in page
    assert 'href="/help/guide"' in page


def test_nothing_else_is_read_through_the_help(reader: FlaskClient) -> None:
    assert reader.get("/help").headers["Location"] == "/help/guide"
    for path in ("/help/operations", "/help/..%2FREADME", "/help/images/..%2F..%2FREADME.png"):
        assert reader.get(path).status_code == 404
