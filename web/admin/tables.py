"""Posts, groups, absences, and the record of changes."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from web.admin.room import admin, page_number, today, words
from web.context import running_engine
from workflows.directory import audit
from workflows.directory.listing import absences as find_absences
from workflows.directory.listing import group_of, group_units, members, pattern_of
from workflows.directory.listing import groups as find_groups
from workflows.directory.sections import DUTIES, KINDS, ROLES, SECTIONS, UNIT_ROLES
from workflows.organisation.models import Holding, Post
from workflows.organisation.tree import holds_on


@admin.get("/posts")
def posts() -> ResponseReturnValue:
    """List posts with the number of those who hold them."""
    held = select(func.count()).where(Holding.post_id == Post.id, *holds_on(today())).scalar_subquery()
    query = select(Post, held).order_by(Post.position, Post.id)
    if words():
        pattern = pattern_of(words())
        query = query.where(or_(Post.name.ilike(pattern, escape="\\"), Post.code.ilike(pattern, escape="\\")))
    with running_engine().db.read() as session:
        found = session.execute(query).all()
    return render_template("admin/posts.html", tab="posts", posts=found, duties=DUTIES)


@admin.get("/groups")
def groups() -> ResponseReturnValue:
    """List leading groups, inspection teams and working groups."""
    with running_engine().db.read() as session:
        found = find_groups(session, words())
    return render_template("admin/groups.html", tab="groups", groups=found, kinds=KINDS)


@admin.get("/groups/<int:group_id>")
def one_group(group_id: int) -> ResponseReturnValue:
    """Show a group with its members and the units beside it."""
    with running_engine().db.read() as session:
        return render_template(
            "admin/group.html",
            tab="groups",
            group=group_of(session, group_id),
            members=members(session, group_id),
            units=group_units(session, group_id),
            kinds=KINDS,
            roles=ROLES,
            unit_roles=UNIT_ROLES,
        )


@admin.get("/absences")
def absences() -> ResponseReturnValue:
    """List who is away when, and who acts for them."""
    with running_engine().db.read() as session:
        found = find_absences(session, words=words())
    return render_template("admin/absences.html", tab="absences", absences=found, day=today())


@admin.get("/changes")
def changes() -> ResponseReturnValue:
    """Show who changed what."""
    subject = request.args.get("subject", "")
    subject = subject if subject in SECTIONS else ""
    with running_engine().db.read() as session:
        lines, total = audit.find_lines(session, words=words(), subject=subject, page=page_number())
        broken = audit.broken_at(session) if request.args.get("verify") else None
    return render_template(
        "admin/changes.html", tab="changes", lines=lines, total=total, pages=-(-total // audit.PAGE),
        subject=subject, sections=SECTIONS, verified=bool(request.args.get("verify")), broken=broken,
    )  # fmt: skip
