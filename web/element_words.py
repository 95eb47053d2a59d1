"""What kinds of elements are called on pages."""

from flask_babel import gettext as _


def type_words(kind: str) -> str:
    """Name a kind of element, given as BPMN's XML names it."""
    known = {
        "process": _("流程"),
        "task": _("环节"),
        "userTask": _("人工环节"),
        "manualTask": _("手工环节"),
        "sendTask": _("发送环节"),
        "receiveTask": _("接收环节"),
        "serviceTask": _("服务环节"),
        "scriptTask": _("脚本环节"),
        "businessRuleTask": _("决策环节"),
        "callActivity": _("调用环节"),
        "subProcess": _("子流程"),
        "sequenceFlow": _("连线"),
        "startEvent": _("开始"),
        "endEvent": _("结束"),
        "boundaryEvent": _("边界事件"),
        "intermediateCatchEvent": _("等待事件"),
        "intermediateThrowEvent": _("抛出事件"),
        "exclusiveGateway": _("排他网关"),
        "parallelGateway": _("并行网关"),
        "inclusiveGateway": _("包容网关"),
        "eventBasedGateway": _("事件网关"),
        "decision": _("决策"),
    }
    return known.get(kind, _("元素") if kind.endswith(("Task", "Gateway", "Event", "Process")) else _("字段"))
