"""What designers are told of each kind of service: its name, what it asks for, and the variables that it sets."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.ports import ServiceInput
from workflows.findings.models import FindingSource, FindingState

_UNIT_ID = ServiceInput("unit_id", "单位（编号） / Unit", picker="unit")
_UNIT_IDS = ServiceInput("unit_ids", "单位（一组编号） / Units", picker="units")
_KINDS = ServiceInput("kinds", "单位类别 / Kinds of units", picker="units")
_FINDING = ServiceInput("finding_id", "问题（编号） / Finding")
_FORM_OF = ServiceInput("element", "填表的环节 / Step whose form is read", picker="element")
_FORM_NEEDED = ServiceInput("element", "填表的环节 / Step whose form is read", required=True, picker="element")
_FINDINGS_FIELD = ServiceInput("field", "问题所在的字段 / Field with the findings")
_SOURCE = ServiceInput("source", "来源 / Source", picker="choice", choices=tuple(FindingSource))
_DUE = ServiceInput("due", "整改时限 / Due", picker="date")


@dataclass(frozen=True, slots=True)
class Description:
    """How a kind is called, what it asks for, and which variables it sets. Texts are Chinese " / " English."""

    label: str
    inputs: tuple[ServiceInput, ...] = ()
    outputs: tuple[str, ...] = ()


DESCRIPTIONS: Mapping[str, Description] = {
    "campaign.prepare": Description("准备专项行动 / Prepare the campaign"),
    "campaign.units": Description("列出参加单位 / List the units", (_KINDS,), ("unit_ids", "unit_count")),
    "campaign.unit": Description(
        "读取单位情况 / Read a unit",
        (_UNIT_ID,),
        ("unit_id", "unit_code", "unit_name", "unit_kind", "group_code"),
    ),
    "units.find": Description(
        "按代码找单位 / Find a unit by its code",
        (ServiceInput("code", "单位代码 / Code", required=True),),
        ("unit_id", "unit_code", "unit_name", "unit_kind"),
    ),
    "campaign.phase": Description(
        "更新阶段状态 / Mark a phase",
        (
            ServiceInput("phase", "阶段代码 / Phase", required=True),
            ServiceInput("state", "状态 / State", required=True, picker="choice", choices=("doing", "done")),
            _UNIT_IDS,
        ),
        ("phase_units",),
    ),
    "sample.draw": Description(
        "抽取样本 / Draw a sample",
        (
            ServiceInput("percent", "比例（%） / Percent", picker="number"),
            ServiceInput("count", "个数 / Number", picker="number"),
            ServiceInput("minimum", "每层至少 / At least, per stratum", picker="number"),
            ServiceInput("seed", "种子 / Seed"),
            ServiceInput("name", "名称 / Name"),
            ServiceInput("strata", "分层 / Strata", picker="choice", choices=("kind", "none")),
            _KINDS,
            ServiceInput("exclude_members", "回避本单位的检查人 / Keep inspectors off their own unit"),
        ),
        ("sample_unit_ids", "sample_count", "sample_seed", "sample_short", "draw_id"),
    ),
    "findings.open": Description(
        "问题登记入台账 / Enter findings",
        (_FORM_NEEDED, _FINDINGS_FIELD, _SOURCE, _DUE),
        ("finding_ids", "finding_count"),
    ),
    "findings.start": Description(
        "登记问题并逐条启动整改 / Enter findings, start one instance each",
        (
            ServiceInput("process", "整改流程 / Process", required=True, picker="process"),
            _FORM_NEEDED,
            _FINDINGS_FIELD,
            _SOURCE,
            _DUE,
        ),
        ("finding_ids", "finding_count"),
    ),
    "finding.read": Description(
        "读取问题 / Read a finding",
        (_FINDING,),
        (
            "finding_number",
            "finding_item",
            "finding_level",
            "finding_text",
            "finding_source",
            "finding_unit_id",
            "finding_due",
            "group_code",
        ),
    ),
    "finding.update": Description(
        "更新问题 / Update a finding",
        (
            ServiceInput("state", "状态 / State", required=True, picker="choice", choices=tuple(FindingState)),
            _FINDING,
            _FORM_OF,
        ),
        ("finding_state", "finding_returned"),
    ),
    "evaluation.rate": Description(
        "登记评分 / Enter a rating",
        (_FORM_NEEDED, ServiceInput("group_code", "考核小组 / Group")),
        ("rating_grade", "rating_points"),
    ),
    "evaluation.collect": Description(
        "汇总评分 / Collect the ratings",
        (ServiceInput("open_finding_deduction", "未销号问题每项扣分 / Deduction per open finding", picker="number"),),
        ("rated_count", "unrated_count", "unrated_unit_ids", "average_points"),
    ),
    "awards.decide": Description(
        "评定奖惩 / Decide the awards",
        (
            ServiceInput("commend_line", "表彰线 / Commendation line", picker="number"),
            ServiceInput("poor_line", "通报线 / Criticism line", picker="number"),
            ServiceInput("limit", "整改期限 / Time limit"),
            ServiceInput("decision", "决策表 / Decision", picker="decision"),
        ),
        ("commended_unit_ids", "commended_count", "poor_unit_ids", "poor_count", "rectification_due"),
    ),
    "documents.circular": Description(
        "生成通报 / Write the circular",
        (
            ServiceInput("title", "标题 / Title"),
            _FORM_OF,
            ServiceInput("rectification_due", "整改时限 / Due", picker="date"),
        ),
        ("document_id", "circular_document_id", "circular_filename"),
    ),
    "documents.results": Description(
        "生成考核结果表 / Write the results", (), ("document_id", "results_document_id", "results_filename")
    ),
    "notify": Description(
        "发通知 / Notify",
        (
            ServiceInput("title", "标题 / Title", required=True),
            ServiceInput("people", "收件人规则 / To whom", required=True, picker="rule"),
            _UNIT_IDS,
        ),
        ("notified",),
    ),
}
