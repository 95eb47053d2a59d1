"""Units of measure as plans write them, and what they are called in English."""

from engine.wording import say

_KNOWN = {
    str(one): one
    for one in (
        say("工作日"), say("日"), say("天"), say("周"), say("月"), say("个月"), say("年"), say("岁"),
        say("小时"), say("分钟"), say("分"), say("元"), say("元/年"), say("元/月"), say("元/分"),
        say("元/例"), say("分/年"), say("分/项"), say("次"), say("个"), say("人"), say("名"), say("名以内"),
        say("条"), say("件"), say("项"), say("级"), say("节"), say("篇"), say("字"), say("面"), say("套"),
        say("所"),
    )
}  # fmt: skip


def unit_of_measure(unit: str) -> str:
    """Return a unit as a sentence of both languages where its English is known, else as it is written."""
    return _KNOWN.get(unit, unit)
