"""Units of measure as plans write them, and what they are called in English."""

from engine.wording import say

_KNOWN = {
    str(one): one
    for one in (
        say("工作日"), say("日"), say("天"), say("周"), say("月"), say("个月"), say("年"), say("岁"),
        say("小时"), say("分钟"), say("分"), say("元"), say("元/年"), say("元/月"), say("元/分"),
        say("元/例"), say("分/年"), say("分/项"), say("次"), say("个"), say("人"), say("名"), say("名以内"),
        say("条"), say("件"), say("项"), say("级"), say("节"), say("篇"), say("字"), say("面"), say("套"),
        say("所"), say("户"), say("个问题"), say("起"), say("枚"), say("处"), say("家"), say("张"), say("辆"),
        say("米"), say("类"), say("人次"), say("期"), say("封"), say("盒"), say("学时"), say("星"), say("1为是"),
    )
}  # fmt: skip


def unit_of_measure(unit: str) -> str:
    """Return a unit as a sentence of both languages where its English is known, else as it is written."""
    return _KNOWN.get(unit, unit)
