"""What a task of the review's process leads to in the designer: the changes, and the draft itself."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from web.designer.room import allowed
from workflows.designer.drafts import live_version
from workflows.designer.models import Review


def links_of(session: Session, instance: Any) -> list[tuple[str, str]]:
    """Return words and addresses for an instance that reviews a draft; none for others, and for strangers."""
    if "review_id" not in instance.variables or not instance.variables.get("design_key"):
        return []
    review = session.scalars(select(Review).where(Review.instance_id == instance.id)).first()
    if review is None:
        return []
    try:
        allowed(session, review.key)
    except NotFound:
        return []
    live = live_version(session, review.key)
    links = [(_("打开流程"), url_for("designer.editor", key=review.key))]
    if live is not None:
        states = {"from": live.version, "to": f"draft:{review.draft_version}"}
        links.insert(0, (_("查看改动"), url_for("designer.changes", key=review.key, **states)))
    return links
