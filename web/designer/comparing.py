"""Two states of a package side by side, and their differences in words."""

import json
from typing import Any

from flask import Response, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from web.context import running_engine
from web.designer.drafting import contents
from web.designer.room import allowed, designer
from web.element_words import type_words
from workflows.designer import history
from workflows.designer.comparing import Change, compare
from workflows.designer.drafts import published_version, read_draft, version_files

LONGEST = 160
"""Characters of a value in words."""


@designer.get("/<key>/compare")
def compare_states(key: str) -> Response:
    """Return two states with what differs between them."""
    with running_engine().db.read() as session:
        allowed(session, key)
        before = _state(session, key, request.args.get("from", "draft"))
        after = _state(session, key, request.args.get("to", "draft"))
    told = [{**_plain(one), "words": words_of(one)} for one in compare(key, before[1], after[1])]
    sides = [{"label": label, **contents(files)} for label, files in (before, after)]
    return jsonify({"from": sides[0], "to": sides[1], "changes": told})


@designer.get("/<key>/changes")
def changes(key: str) -> str:
    """Show two states side by side on a page, their differences in words first; without JavaScript these alone."""
    states = (request.args.get("from", "draft"), request.args.get("to", "draft"))
    with running_engine().db.read() as session:
        allowed(session, key)
        name = read_draft(session, key).name
        before, after = (_state(session, key, one) for one in states)
    return render_template(
        "designer/changes.html",
        section="designer",
        key=key,
        name=name,
        states=states,
        labels=(before[0], after[0]),
        changes=[words_of(one) for one in compare(key, before[1], after[1])],
    )


def _state(session: Session, key: str, asked: str) -> tuple[str, dict[str, bytes]]:
    """Return a state's name and files: ``draft``, ``draft:<version>`` or the number of a published version."""
    if asked == "draft":
        return _("草稿"), dict(read_draft(session, key).files)
    kind, _separator, number = asked.rpartition(":")
    if not number.isdigit() or len(number) > 9 or kind not in ("", "draft"):
        raise InvalidInput(_("“%(name)s”不是编号。", name=asked[:40]))
    if kind == "draft":
        history.entry(session, key, int(number))
        kept = history.files_at(session, key, int(number))
        files = {path: one.content for path, one in kept.items() if one.content is not None}
        return _("草稿 %(n)s", n=number), files
    return _("第 %(n)s 版", n=number), version_files(session, published_version(session, key, int(number)))


def _plain(one: Change) -> dict[str, Any]:
    return {
        "path": one.path,
        "kind": one.kind,
        "element": one.element or None,
        "name": one.name,
        "type": one.type,
        "what": one.what,
        "before": one.before,
        "after": one.after,
    }


def words_of(one: Change) -> str:
    """Say a difference in the page's language."""
    name = one.name or one.element or one.path
    if one.type == "file":
        named = {
            "added": _("新增文件 %(path)s"),
            "removed": _("删除文件 %(path)s"),
            "changed": _("文件 %(path)s 有改动"),
        }
        return named[one.kind] % {"path": one.path}
    kind = type_words(one.type)
    if one.kind == "changed":
        what = what_words(one.what)
        if one.before in (None, ""):
            return _(
                "%(kind)s“%(name)s”设了%(what)s：%(after)s", kind=kind, name=name, what=what, after=_short(one.after)
            )
        if one.after in (None, ""):
            return _(
                "%(kind)s“%(name)s”去掉了%(what)s（原为 %(before)s）",
                kind=kind,
                name=name,
                what=what,
                before=_short(one.before),
            )
        return _(
            "%(kind)s“%(name)s”的%(what)s由 %(before)s 改为 %(after)s",
            kind=kind,
            name=name,
            what=what,
            before=_short(one.before),
            after=_short(one.after),
        )
    said = {
        "added": _("新增%(kind)s“%(name)s”"),
        "removed": _("删除%(kind)s“%(name)s”"),
        "moved": _("移动%(kind)s“%(name)s”"),
    }
    return said[one.kind] % {"kind": kind, "name": name}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def what_words(what: str) -> str:
    """Name a property."""
    known = {
        "name": _("名称"),
        "condition": _("条件"),
        "source": _("起点"),
        "target": _("终点"),
        "default": _("默认流向"),
        "documentation": _("说明"),
        "camunda:assignee": _("办理人"),
        "duban:form": _("表单"),
        "duban:due": _("时限"),
        "duban:policy": _("通过方式"),
        "duban:service": _("服务"),
        "duban:fieldPermissions": _("字段权限"),
        "duban:variables": _("存为变量的字段"),
        "camunda:decisionRef": _("决策"),
        "calledElement": _("被调用的流程"),
        "script": _("脚本"),
        "event": _("触发条件"),
        "loop": _("多实例"),
        "lane": _("泳道"),
        "type": _("类型"),
        "label": _("标题"),
        "validate": _("校验规则"),
        "values": _("选项"),
        "columns": _("列"),
        "hit policy": _("命中策略"),
    }
    if what.startswith("rule "):
        return _("第 %(n)s 行规则", n=what.removeprefix("rule "))
    for prefix, word in (("input ", _("输入")), ("output ", _("输出"))):
        if what.startswith(prefix):
            return f"{word} {what.removeprefix(prefix)} "
    return known.get(what, f" {what} ")
