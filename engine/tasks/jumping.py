"""Jump (跳转): an administrator lets an instance go on at another node, with a reason, audited."""

from typing import TYPE_CHECKING

from engine.errors import InvalidInput, NotAllowed
from engine.instances.turns import advance
from engine.interpreter.contract import Moved
from engine.tasks.branches import leads_to, relation
from engine.tasks.decisions import note
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.opening import close_activation
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

NEVER = ("boundaryEvent", "startEvent")


def jump(
    engine: "Engine", *, slot_id: int, actor_id: int, target: str, reason: str, version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Leave this task undone and go on at ``target``; what that takes away the dry run tells.

    Any node that the dry run finds legal may be the target: not a sibling branch (R3), not an event that starts.
    """

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "jump")
        if not reason.strip():
            raise InvalidInput(say("请填写跳转原因"), {"reason": say("跳转原因必填")})
        process, here = desk.run.process, desk.activation
        node = process.nodes.get(target)
        if node is None or node.type in NEVER:
            raise NotAllowed(say("不能跳转到这个节点"))
        if relation(process, here.element_id, target).kind == "sibling":
            raise NotAllowed(say("“{name}”在另一条并行分支上，不能跳转到那里", name=node.name or target))
        if relation(process, here.element_id, target).kind == "after" and not leads_to(
            process, target, here.element_id
        ):
            raise NotAllowed(say("“{name}”在并行分支里，跳进去会使汇聚等不到其他分支", name=node.name or target))
        before = desk.slot.state
        close_activation(desk.writer, desk.instance, here, "cancelled(jump)", desk.slots, rest="jump")
        note(desk, "jump", before, desk.slot.state, opinion=reason, detail={"target": target})
        advance(desk.run, [Moved(at=desk.at, tokens=[here.token], element_id=target, reason="jump")])
        return say("已跳转到“{name}”", name=node.name or target)

    request = {"operation": "jump", "target": target, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)
