"""Settings of other engines that do not change what happens here: they are reported and left alone."""

from engine.definitions.foreign.document import Document, local
from engine.definitions.foreign.vendors import JUEL_NAMESPACES

_IGNORED = {
    "async": "每步都先存盘 / Every step is stored first",
    "asyncBefore": "每步都先存盘 / Every step is stored first",
    "asyncAfter": "每步都先存盘 / Every step is stored first",
    "asyncLeave": "每步都先存盘 / Every step is stored first",
    "exclusive": "一个实例一次只走一步 / An instance moves one step at a time",
    "jobPriority": "任务不分优先级 / Work has no priority",
    "taskPriority": "任务不分优先级 / Work has no priority",
    "historyTimeToLive": "历史不删除 / History is not deleted",
    "isStartableInTasklist": "启动由权限决定 / Starting is a matter of rights",
    "candidateStarterGroups": "启动由权限决定 / Starting is a matter of rights",
    "candidateStarterUsers": "启动由权限决定 / Starting is a matter of rights",
    "versionTag": "版本由发布决定 / Versions come from publishing",
    "isEagerExecutionFetching": "只关系到速度 / Only a matter of speed",
    "triggerable": "服务总是等结果 / A service is always waited for",
    "skipExpression": "不跳过 / Nothing is skipped",
}
_ELEMENTS = ("failedJobRetryTimeCycle", "historyLevel", "localization", "customResource", "jobCategory")


def translate_settings(doc: Document) -> None:
    """Report the settings that have no meaning here."""
    for element in [*doc.elements("process"), *doc.nodes()]:
        for name, why in _IGNORED.items():
            if local(element) == "userTask" and name == "skipExpression":
                continue
            if any(f"{{{namespace}}}{name}" in element.attrib for namespace in JUEL_NAMESPACES):
                doc.ignored(element, f"{name}：{why}")
        for child in doc.extensions(element, *_ELEMENTS):
            doc.ignored(element, f"{local(child)}：不影响流程 / It does not change the course")
