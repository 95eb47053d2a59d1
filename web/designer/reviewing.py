"""Asking for a review, and who may be asked."""

from typing import Any

from flask import Response, jsonify, url_for
from sqlalchemy.orm import Session

from web.context import person, running_engine
from web.designer.room import VersionBody, allowed, designer, identifier, names_of, read, text
from web.language import is_english, pick
from workflows.designer.access import reviewers
from workflows.designer.drafts import find_package
from workflows.designer.reviewing import ReviewView, ask_review, latest_review
from workflows.organisation.service import accounts


class ReviewBody(VersionBody):
    """A review to ask for."""

    reviewer = text(required=True, most=20)
    note = text(most=1000)


@designer.get("/<key>/reviewers")
def review_people(key: str) -> Response:
    """Return who may be asked, with what they are."""
    running = running_engine()
    with running.db.read() as session:
        allowed(session, key)
        found = reviewers(session, find_package(session, key), without=person().id)
        about = {one.id: one for one in accounts(session, at=running.clock.now(), ids=[one.id for one in found])}
    told = [
        {
            "id": str(one.id),
            "name": pick(one.name, one.name_en),
            "about": about[one.id].describe("en" if is_english() else "zh") if one.id in about else "",
        }
        for one in found
    ]
    return jsonify({"people": told})


@designer.post("/<key>/review")
def review(key: str) -> Response:
    """Ask for a review."""
    given = read(ReviewBody())
    running = running_engine()
    asked = ask_review(
        running,
        key=key,
        person_id=person().id,
        version=given["version"],
        reviewer_id=identifier(given["reviewer"]),
        note=given["note"],
    )
    with running.db.read() as session:
        return jsonify(review_json(session, asked))


def review_of(session: Session, key: str) -> dict[str, Any] | None:
    """Return the latest review of a package as the editor shows it."""
    found = latest_review(session, key)
    return None if found is None else review_json(session, found)


def review_json(session: Session, found: ReviewView) -> dict[str, Any]:
    """Return a review as the contract has it."""
    review = found.review
    names = names_of(session, review.reviewer_id, review.requested_by)
    return {
        "id": str(review.id),
        "state": found.state,
        "version": review.draft_version,
        "reviewer": names.get(review.reviewer_id, ""),
        "requested_by": names.get(review.requested_by, ""),
        "requested_at": review.requested_at.isoformat(),
        "note": review.note,
        "published": review.published,
        "instance_id": str(review.instance_id) if review.instance_id else None,
        "address": url_for("instances.show", instance_id=review.instance_id) if review.instance_id else None,
    }
