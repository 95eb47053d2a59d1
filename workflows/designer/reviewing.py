"""Reviews of drafts: asked for here, decided in the inbox, by the process of the package ``process-review``.

The process is a package like any other: an organisation may draw it differently. It reaches back through two kinds of
service, ``designer.freeze`` and ``designer.publish``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.definitions.packages import Package, read_folder
from engine.definitions.publish import publish, publish_in
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.ports import ServiceCall, ServiceInput, ServiceKind
from engine.tasks.models import Activation, Slot, SlotState
from engine.wording import say
from workflows.designer import history
from workflows.designer.access import require_designer, reviewers
from workflows.designer.drafts import Draft, end_draft, find_package, live_version, read_draft
from workflows.designer.errors import DraftConflict, NotReady
from workflows.designer.models import DesignedPackage, Review, ReviewState
from workflows.designer.publishing import checked_note, require_ready
from workflows.inputs import needed

if TYPE_CHECKING:
    from engine.runtime import Engine

PACKAGE = "process-review"
REQUEST = "request"
FOLDER = Path(__file__).parents[2] / "bpmn" / PACKAGE


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The latest review of a package; ``state`` follows its instance, which may have been withdrawn or refused."""

    review: Review
    state: str


def latest_review(session: Session, key: str) -> ReviewView | None:
    """Return the latest review of a package, None when none was ever asked for."""
    query = select(Review, Instance).join(Instance, Instance.id == Review.instance_id, isouter=True)
    row = session.execute(query.where(Review.key == key).order_by(Review.id.desc()).limit(1)).first()
    return None if row is None else ReviewView(row[0], _state(row[0], row[1]))


def ask_review(engine: "Engine", *, key: str, person_id: int, version: int, reviewer_id: int, note: str) -> ReviewView:
    """Ask somebody to review a draft, and to let it be published so.

    Raises
    ------
    NotReady
        Errors or scenarios stand against publishing: nobody is bothered with it.
    NotAllowed
        A review of this package is under way.

    """
    note = checked_note(note)
    with engine.db.read() as session:
        package = find_package(session, key)
        require_designer(session, person_id, package)
        draft = read_draft(session, key)
        able = {one.id for one in reviewers(session, package, without=person_id)}
        running = latest_review(session, key)
    if draft.version != version:
        raise DraftConflict(draft.version, draft.saved_by, draft.saved_at)
    if reviewer_id not in able:
        raise InvalidInput("请选一位评审人 / Choose a reviewer", {"reviewer": "请选一位评审人 / Choose a reviewer"})
    if running is not None and running.state == ReviewState.OPEN:
        raise NotAllowed("正在评审，请等评审人处理或先撤回 / It is being reviewed: wait, or withdraw it first")
    _require_draft(draft)
    require_ready(engine, draft)
    _require_process(engine)
    with engine.db.write() as session:
        review = Review(
            key=key,
            draft_version=version,
            requested_by=person_id,
            reviewer_id=reviewer_id,
            note=note,
            requested_at=engine.clock.now(),
        )
        history.keep(session, key, version)
        session.add(review)
    instance_id = start_instance(
        engine,
        package_key=PACKAGE,
        variables={
            "review_id": str(review.id),
            "reviewer_id": reviewer_id,
            "design_key": key,
            "design_name": draft.name,
            "draft_version": version,
        },
        title=f"发布评审：{draft.name}"[:300],
        initiator_id=person_id,
    )
    with engine.db.write() as session:
        session.get_one(Review, review.id).instance_id = instance_id
    _submit(engine, instance_id, person_id, note)
    with engine.db.read() as session:
        found = latest_review(session, key)
    assert found is not None
    return found


def review_kinds() -> dict[str, ServiceKind]:
    """Return the services of the review's process. Outside of turns: they lint, and play scenarios."""
    given = (ServiceInput("review_id", "评审 / Review", required=True),)
    kinds = (
        ServiceKind(
            "designer.freeze",
            freeze,
            external=True,
            label="固定草稿 / Freeze a draft",
            inputs=given,
            outputs=("ready", "draft_version", "problem"),
        ),
        ServiceKind(
            "designer.publish",
            publish_reviewed,
            external=True,
            label="发布草稿 / Publish a draft",
            inputs=given,
            outputs=("published", "published_version", "problem"),
        ),
    )
    return {kind.name: kind for kind in kinds}


def freeze(call: ServiceCall) -> Mapping[str, Any]:
    """``designer.freeze``: take the draft as it is now as what is reviewed, if it could be published."""
    engine, review_id = call.engine, _review_id(call)
    with engine.db.read() as session:
        review = _review(session, review_id)
        draft = read_draft(session, review.key)
    try:
        _require_draft(draft)
        require_ready(engine, draft)
    except (NotReady, InvalidInput) as error:
        return {"ready": False, "problem": _problem(error), "draft_version": draft.version}
    with engine.db.write() as session:
        history.keep(session, draft.key, draft.version)
        _review(session, review_id).draft_version = draft.version
    return {"ready": True, "problem": "", "draft_version": draft.version}


def publish_reviewed(call: ServiceCall) -> Mapping[str, Any]:
    """``designer.publish``: publish what was reviewed, also when the draft went on meanwhile. Twice is once."""
    engine, review_id = call.engine, _review_id(call)
    with engine.db.read() as session:
        review = _review(session, review_id)
        package = session.get_one(DesignedPackage, review.key)
        kept = history.files_at(session, review.key, review.draft_version)
        draft = read_draft(session, review.key)
    if review.state == ReviewState.PUBLISHED:
        return {"published": True, "published_version": review.published, "problem": ""}
    files = {path: one.content for path, one in kept.items() if one.content is not None}
    try:
        require_ready(engine, Draft(package.key, draft.name, review.draft_version, True, None, None, None, files))
    except NotReady as error:
        return {"published": False, "problem": _problem(error)}
    with engine.db.write() as session:
        return _published(engine, session, review_id, Package(review.key, files))


def _published(engine: "Engine", session: Session, review_id: int, files: Package) -> Mapping[str, Any]:
    package = session.get_one(DesignedPackage, files.key, with_for_update=True, populate_existing=True)
    review = _review(session, review_id)
    version = publish_in(engine, session, files, by=review.requested_by, note=review.note)
    if package.drafted and package.version == review.draft_version:
        end_draft(session, package)
    elif package.drafted:
        package.based_on = version.version
    review.state, review.published, review.decided_at = ReviewState.PUBLISHED, version.version, engine.clock.now()
    return {"published": True, "published_version": version.version, "problem": ""}


def _submit(engine: "Engine", instance_id: int, person_id: int, note: str) -> None:
    """Do the first task for who asked: the form was filled in the designer."""
    with engine.db.read() as session:
        query = select(Slot.id).join(Activation, Activation.id == Slot.activation_id)
        mine = (Slot.instance_id == instance_id, Activation.element_id == REQUEST, Slot.state == SlotState.READY)
        slot_id = session.scalars(query.where(*mine, Slot.owner_id == person_id)).first()
        version = session.get_one(Instance, instance_id).version
    if slot_id is not None:
        tasks.complete(engine, slot_id=slot_id, actor_id=person_id, version=version, data={"note": note})


def _require_process(engine: "Engine") -> None:
    """Publish the process of reviews where it never was."""
    with engine.db.read() as session:
        known = live_version(session, PACKAGE) is not None
    if not known:
        publish(engine, read_folder(FOLDER), note="随系统提供")


def _require_draft(draft: Draft) -> None:
    if not draft.drafted:
        raise InvalidInput("没有可评审的草稿 / There is no draft to review")


def _review_id(call: ServiceCall) -> int:
    text = str(needed(call, "review_id"))
    if not text.isdigit():
        raise InvalidInput("review_id 不是编号 / review_id is no number", {"review_id": say("不是编号")})
    return int(text)


def _review(session: Session, review_id: int) -> Review:
    found = session.get(Review, review_id)
    if found is None:
        raise NotFound("没有这次评审 / There is no such review")
    return found


def _state(review: Review, instance: Instance | None) -> str:
    if review.state != ReviewState.OPEN or instance is None or instance.ended_at is None:
        return review.state
    return ReviewState.WITHDRAWN if instance.status == "withdrawn" else ReviewState.REJECTED


def _problem(error: NotReady | InvalidInput) -> str:
    """Say in one text what keeps a draft from being published: the first errors, the scenarios that failed."""
    lines = [str(error).split(" / ", maxsplit=1)[0]]
    if isinstance(error, NotReady):
        wrong = [one for one in error.findings if one.severity == "error"][:5]
        lines += [
            f"{one.file} {one.element_name or one.element_id or ''}：{one.message.split(' / ')[0]}" for one in wrong
        ]
        lines += [f"{one['path']}：{one['error'] or '结果不同'}" for one in error.replays if not one["ok"]]
    return "\n".join(lines)[:1000]
