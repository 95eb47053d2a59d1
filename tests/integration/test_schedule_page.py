"""The schedule page: bars for everybody who sees the campaign, moves for those who lead it."""

import pytest
from flask import Flask
from sqlalchemy import select

from engine.runtime import Engine
from tests.support.website import csrf_token, demonstration, signed_in, website
from workflows.campaigns.models import Campaign, PhaseMove


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Flask, str]:
    engine, settings = demonstration(tmp_path_factory.mktemp("site"))
    with engine.db.read() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
    return engine, website(engine, settings), f"/campaigns/{campaign_id}/schedule"


def _moves(engine: Engine) -> list[PhaseMove]:
    with engine.db.read() as session:
        return list(session.scalars(select(PhaseMove).order_by(PhaseMove.proposed_at, PhaseMove.id)))


def test_the_page_shows_a_bar_for_every_phase_and_unit(site: tuple[Engine, Flask, str]) -> None:
    _, app, address = site
    page = signed_in(app, "head").get(address)
    assert page.status_code == 200
    assert page.text.count('class="bar ') == 5 + 12 * 5
    assert 'class="today"' in page.text
    assert "2026-09" in page.text


def test_a_stranger_gets_404(site: tuple[Engine, Flask, str]) -> None:
    _, app, address = site
    assert app.test_client().get(address).status_code == 302
    client = signed_in(app, "head")
    assert client.get("/campaigns/999999/schedule").status_code == 404


def test_a_move_is_proposed_and_decided_on_the_page(site: tuple[Engine, Flask, str]) -> None:
    engine, app, address = site
    office, leader = signed_in(app, "office"), signed_in(app, "head")
    token = csrf_token(office, address)
    wrong = {"phase": "rectify", "ends": "2026-09-01", "reason": "", "csrf_token": token}
    refused = office.post(f"{address}/moves", data=wrong)
    assert refused.status_code == 422
    assert "新的结束日不能早于今天" in refused.text
    assert "请写明调整的理由" in refused.text
    assert 'value="2026-09-01"' in refused.text
    right = {"phase": "rectify", "ends": "2026-09-30", "reason": "台风", "csrf_token": token}
    assert office.post(f"{address}/moves", data=right).status_code == 302
    assert "待审批" in office.get(address).text
    move = _moves(engine)[-1]
    place = f"{address}/moves/{move.id}"
    assert office.post(place, data={"decision": "agree", "csrf_token": token}).status_code == 404
    its = csrf_token(leader, address)
    assert leader.post(place, data={"decision": "reject", "csrf_token": its}).status_code == 422
    assert leader.post(place, data={"decision": "agree", "csrf_token": its}).status_code == 302
    assert "09-13 – 09-30" in leader.get(address).text
    assert leader.post(place, data={"decision": "agree", "csrf_token": its}).status_code == 409
