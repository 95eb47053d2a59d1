"""Errors of work that become incidents."""

from engine.errors import DubanError
from engine.wording import say


class LostAnswer(DubanError):
    """A call that may be made once at most was begun, and its answer never came."""

    code = "lost-answer"

    def __init__(self) -> None:
        super().__init__(say("对外调用已发出但没有收到结果,且该服务不允许重复调用,请核实后人工处理"))
