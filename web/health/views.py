"""Liveness with a database round trip."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from web.context import running_engine
from web.security import limiter, public

health = Blueprint("health", __name__)


@health.get("/health")
@public
@limiter.exempt
def show() -> ResponseReturnValue:
    """Say that the database answers."""
    with running_engine().db.read() as session:
        session.execute(text("SELECT 1"))
    return jsonify(status="ok")
