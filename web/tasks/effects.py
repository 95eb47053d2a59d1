"""What an operation would do (I4), in the page's language and on the diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.tasks import OperationEffects
from engine.tasks.models import SlotState
from web.language import is_english


@dataclass(frozen=True, slots=True)
class Effects:
    """Sentences, and the elements to mark: ``cancelled``, ``joins`` that lose arrivals, ``opened``."""

    sentences: list[str] = field(default_factory=list)
    marks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refusal: str = ""


def told(effects: OperationEffects | None, *, gateways: frozenset[str] = frozenset()) -> Effects:
    """Say the effects of a dry run; ``gateways`` are the elements where branches meet."""
    if effects is None:
        return Effects()
    torn = effects.elements.get("cancelled", ())
    marks = {
        "cancelled": [one for one in torn if one not in gateways],
        "joins": [one for one in torn if one in gateways],
        "opened": list(effects.elements.get("opened", ())),
    }
    return Effects(_sentences(effects, len(marks["joins"])), {name: ids for name, ids in marks.items() if ids})


def _sentences(effects: OperationEffects, joins: int) -> list[str]:
    said = []
    cancelled = sum(1 for state in effects.slots.values() if state == SlotState.CANCELLED)
    if cancelled:
        said.append(ngettext("取消 %(num)d 个未办的待办", "取消 %(num)d 个未办的待办", cancelled))
    said += [_("取消“%(name)s”", name=name) for name in effects.cancelled]
    if joins:
        said.append(ngettext("清除 %(num)d 个汇合点已到的分支", "清除 %(num)d 个汇合点已到的分支", joins))
    if effects.timers_dropped:
        timers = effects.timers_dropped
        said.append(ngettext("撤掉 %(num)d 个节点的期限和定时", "撤掉 %(num)d 个节点的期限和定时", timers))
    said += [_("打开“%(name)s”", name=name) for name in effects.opened]
    if effects.next_people:
        people = (", " if is_english() else "、").join(effects.next_people)
        said.append(_("下一步办理：%(people)s", people=people))
    return said
