"""What designers are told of the service kinds of a campaign's parts; docs/campaign-parts.md shows the same table."""

from collections.abc import Mapping

from engine.ports import ServiceInput
from workflows.service_descriptions import Description

_INPUTS: Mapping[str, tuple[str, str]] = {
    "absent": ("缺席者 / Absent", "text"),
    "add": ("追加而不替换 / Add instead of replacing", "text"),
    "after": ("多久以后 / After", "text"),
    "again": ("允许连续同一人 / The same again", "text"),
    "amount": ("数额 / Amount", "number"),
    "announced": ("是否预告 / Announced", "text"),
    "answer": ("答复 / Answer", "text"),
    "answers": ("答案 / Answers", "text"),
    "authors": ("作者人数 / Authors", "number"),
    "award": ("奖项代码 / Award", "text"),
    "becomes": ("抽中后的状态 / State of those drawn", "text"),
    "beneficiary": ("得款人 / Beneficiary", "text"),
    "category": ("类别 / Category", "text"),
    "checklist": ("检查清单代码 / Checklist", "text"),
    "code": ("款项代码 / Code", "text"),
    "complete": ("不得漏项 / Nothing left out", "text"),
    "count": ("次数 / Times", "number"),
    "counter": ("计数器代码 / Counter", "text"),
    "day": ("日期 / Day", "date"),
    "document_id": ("文件（编号） / Document", "text"),
    "done": ("是否完成 / Done", "text"),
    "electorate": ("应参加人数 / Electorate", "number"),
    "element": ("填表的环节 / Step whose form is read", "element"),
    "ends": ("结束 / Ends", "date"),
    "entry_id": ("评分记录 / Entry", "text"),
    "evidence": ("佐证 / Evidence", "text"),
    "factor": ("系数 / Factor", "number"),
    "field": ("表单里的列表 / List in the form", "text"),
    "finding_id": ("问题（编号） / Finding", "text"),
    "format": ("格式 docx 或 xlsx / Format", "text"),
    "found_by": ("由谁发现 / Found by", "text"),
    "frequency": ("频次代码 / Frequency", "text"),
    "from": ("起 / From", "date"),
    "group": ("评价主体 / Group", "text"),
    "heads": ("在册人数 / Heads", "text"),
    "holds": ("是否巩固 / Holds", "text"),
    "inspection_id": ("检查（编号） / Inspection", "text"),
    "inspectors": ("检查人规则 / Inspectors", "rule"),
    "issuer": ("落款 / Issuer", "text"),
    "item": ("项目代码 / Item", "text"),
    "key": ("登记号 / Key", "text"),
    "kind": ("性质 / Kind", "text"),
    "kinds": ("单位类别 / Kinds of units", "units"),
    "lasts": ("期限 / Lasts", "text"),
    "limit": ("期限 / Limit", "text"),
    "line": ("起算线 / Line", "number"),
    "marks": ("评分 / Marks", "text"),
    "meeting": ("会议名称 / Meeting", "text"),
    "name": ("名称 / Name", "text"),
    "note": ("说明 / Note", "text"),
    "open_only": ("只列在册 / Open ones only", "text"),
    "outcome": ("结论 / Outcome", "text"),
    "people": ("人员规则 / People", "rule"),
    "per_point": ("每分百分比 / Percent per point", "number"),
    "period": ("周期 / Period", "text"),
    "person": ("人员 / Person", "text"),
    "poll": ("问卷代码 / Poll", "text"),
    "pool": ("资金池 / Pool", "text"),
    "present": ("到会者 / Present", "text"),
    "process": ("流程 / Process", "process"),
    "ranking": ("排名代码 / Ranking", "text"),
    "reason": ("理由 / Reason", "text"),
    "register": ("登记簿代码 / Register", "text"),
    "result": ("结果 / Result", "text"),
    "roster": ("值班表代码 / Roster", "text"),
    "round": ("轮次 / Round", "number"),
    "rows": ("各行 / Rows", "text"),
    "scheme": ("评分代码 / Scheme", "text"),
    "seed": ("种子 / Seed", "text"),
    "sheets": ("附哪些表 / Sheets in it", "text"),
    "shift": ("班次 / Shift", "text"),
    "split": ("分配比例 / Split", "text"),
    "starts": ("开始 / Starts", "date"),
    "state": ("状态 / State", "text"),
    "subject": ("对象 / Subject", "text"),
    "subjects": ("对象（多个） / Subjects", "text"),
    "team_size": ("每组人数 / Team size", "number"),
    "teams": ("组数 / Teams", "number"),
    "text": ("内容 / Text", "text"),
    "texts": ("内容（多条） / Texts", "text"),
    "title": ("标题 / Title", "text"),
    "to": ("止 / Until", "date"),
    "told_at": ("送达时间 / Told at", "date"),
    "unit_id": ("单位（编号） / Unit", "unit"),
    "unit_ids": ("单位（一组编号） / Units", "units"),
    "up_to_balance": ("以余额为限 / Up to the balance", "text"),
    "upheld": ("是否成立 / Upheld", "text"),
    "value": ("得分 / Score", "number"),
    "values": ("各项值 / Values", "text"),
    "weights": ("权重 / Weights", "text"),
    "year": ("年度 / Year", "number"),
}

_WHOM = "subject unit_id"
_KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        "documents.paper",
        "生成文件 / Write a paper",
        "kind title element field text sheets period issuer format",
        "document_id document_filename document_digest",
    ),
    ("documents.certificates", "生成证书 / Write certificates", "award* period issuer", "document_ids document_count"),
    (
        "documents.sign",
        "签字 / Sign a document",
        "document_id element note",
        "document_signatures document_sealed",
    ),
    (
        "documents.seal",
        "盖章 / Seal a document",
        "document_id element note",
        "document_signatures document_sealed",
    ),
    ("finding.limit", "设定整改期限 / Set the limit", "finding_id limit", "finding_due"),
    ("finding.extend", "延长整改期限 / Extend the limit", "finding_id limit", "finding_due finding_extended"),
    ("finding.urge", "催办问题 / Urge", "finding_id", "finding_urged"),
    (
        "finding.escalate",
        "问题升级 / Escalate",
        "finding_id",
        "finding_step finding_step_name finding_escalation finding_overdue_days",
    ),
    (
        "finding.accountable",
        "按发现人定责 / Who is liable",
        "finding_id found_by",
        "finding_liable finding_liable_count",
    ),
    ("finding.plan_recheck", "安排回头看 / Plan the look-back", "finding_id after", "finding_recheck_due"),
    (
        "finding.recheck",
        "回头看 / Look back",
        "finding_id element holds text",
        "finding_recurred recurrence_id",
    ),
    ("findings.rechecks", "到期的回头看 / Look-backs due", "", "recheck_finding_ids recheck_count"),
    (
        "inspection.plan",
        "安排检查组 / Plan inspections",
        "inspectors* unit_ids team_size announced starts ends name seed again",
        "inspection_ids inspection_count inspection_short inspection_teams inspection_starts",
    ),
    ("inspection.share", "单位分给各组 / Share out units", "teams* unit_ids seed", "team_unit_ids team_count"),
    ("inspection.finish", "检查完成 / Inspection done", "inspection_id result", "inspection_done"),
    (
        "score.enter",
        "登记评分 / Enter marks",
        f"scheme* {_WHOM} period round element marks item amount reason evidence factor authors add",
        "score_entry_id score_entry_ids",
    ),
    (
        "score.compute",
        "计算得分 / Compute scores",
        f"scheme* period {_WHOM} subjects register kinds weights",
        "scored_count unscored_subjects vetoed_subjects score_mean score_value",
    ),
    ("score.read", "读取得分 / Read a score", f"scheme* {_WHOM} period", "score_value score_grade score_veto"),
    (
        "appeal.open",
        "提出申诉 / Appeal",
        f"entry_id {_WHOM} scheme item element reason limit told_at",
        "appeal_id appeal_until",
    ),
    ("appeal.decide", "申诉结论 / Decide the appeal", "element outcome amount answer", "appeal_outcome"),
    ("rank.make", "排名 / Rank", "ranking* period", "ranked_count ranked_subjects unranked_subjects tied_count"),
    (
        "awards.give",
        "按规则评奖 / Give awards by rule",
        "award* period heads",
        "awarded award_subjects award_unit_ids award_count award_money",
    ),
    (
        "awards.grant",
        "授予 / Grant",
        f"award* {_WHOM} subjects name period kind reason",
        "award_subjects award_count",
    ),
    ("awards.settle", "确定或撤销奖项 / Confirm or cancel", "award* period subjects state", "award_count"),
    (
        "awards.history",
        "读取奖惩记录 / Read the history",
        f"{_WHOM} year",
        "honours penalties honour_count penalty_count",
    ),
    (
        "money.pay",
        "发放或扣款 / Pay or fine",
        f"amount* {_WHOM} heads factor line value per_point split beneficiary pool up_to_balance code period reason",
        "money_amount money_shares pool_balance",
    ),
    ("money.deposit", "存入资金池 / Put into a pool", "pool* amount* reason", "pool_balance"),
    ("notice.open", "公示 / Publish a notice", "title* award period lasts rows", "notice_id notice_closes notice_rows"),
    ("notice.object", "登记异议 / Object", "element text subject", "objection_id"),
    ("notice.decide", "异议结论 / Decide an objection", "upheld answer", "objection_state"),
    ("notice.close", "公示结束 / Close the notice", "", "objection_count objections_upheld notice_names"),
    (
        "counter.add",
        "计次或扣分 / Count",
        f"counter* {_WHOM} amount day reason found_by evidence",
        "counter_total counter_times counter_measure counter_measure_name counter_measure_until counter_measure_times",
    ),
    ("counter.read", "读取累计 / Read a counter", f"counter* {_WHOM} period day", "counter_total counter_left"),
    (
        "counter.void",
        "撤销最近一次计数 / Void the last count",
        f"counter* {_WHOM}",
        "counter_voided counter_total counter_lifted",
    ),
    (
        "register.enter",
        "登记 / Enter into a register",
        "register* element field rows values key name category unit_id process",
        "register_key register_keys register_count register_new",
    ),
    ("register.update", "更新登记 / Update an entry", "register* key state element values", "register_state"),
    (
        "register.read",
        "读取登记 / Read an entry",
        "register* key",
        "register_key register_name register_state register_category register_fields",
    ),
    ("register.list", "列出登记 / List entries", "register* state open_only", "register_keys register_count"),
    (
        "register.draw",
        "抽签 / Draw lots",
        "register* state count* seed becomes",
        "drawn_keys drawn_count drawn_short draw_id",
    ),
    (
        "frequency.record",
        "记录一次 / Record an event",
        f"frequency* {_WHOM} day done count note evidence",
        "frequency_done frequency_left frequency_misses frequency_lost",
    ),
    (
        "frequency.check",
        "核对频次 / Check a frequency",
        "frequency* period",
        "short_subjects short_unit_ids short_count short_left",
    ),
    ("target.report", "指标自评 / Report indicators", f"{_WHOM} period element field values", "target_count"),
    ("target.verify", "指标核验 / Verify indicators", f"{_WHOM} period element field values", "target_count"),
    (
        "target.check",
        "核对指标 / Check indicators",
        f"{_WHOM} period",
        "targets_met targets_missed targets_blank targets_contradicted targets_differing targets_vetoed target_score",
    ),
    ("roster.make", "排班 / Make a roster", "roster* from* to*", "duty_count duty_people"),
    (
        "roster.today",
        "查当班 / Who is on duty",
        "roster* day shift",
        "duty_login duty_logins duty_person_ids duty_shift",
    ),
    ("roster.handover", "交接班 / Hand over", "roster* day shift element note", "duty_next_login duty_note"),
    ("roster.swap", "换班 / Swap", "roster* person* day shift", "duty_login"),
    ("checklist.due", "列出应查项 / Items due", f"checklist* {_WHOM} day", "checklist_due checklist_due_count"),
    (
        "checklist.record",
        "登记检查结果 / Record a checklist",
        f"checklist* {_WHOM} element answers day complete",
        "checklist_failed checklist_failed_count checklist_missing checklist_complete",
    ),
    ("poll.cast", "登记答卷 / Cast answers", f"poll* {_WHOM} element field rows answers group", "poll_cast"),
    (
        "poll.count",
        "统计答卷 / Count a poll",
        f"poll* {_WHOM} electorate",
        "poll_people poll_turnout poll_valid poll_passed poll_score poll_shares poll_counts poll_first",
    ),
    ("pledge.make", "公开承诺 / Pledge", f"{_WHOM} element field texts", "pledge_ids pledge_count"),
    (
        "pledge.review",
        "践诺对照 / Review pledges",
        f"{_WHOM} element field rows outcome",
        "pledges_kept pledges_broken pledges_open",
    ),
    (
        "meeting.record",
        "会议签到 / Record a meeting",
        "meeting element people subjects present absent",
        "meeting_expected meeting_present meeting_absent meeting_rate",
    ),
)


def _described(label: str, inputs: str, outputs: str) -> Description:
    asked = []
    for written in inputs.split():
        name = written.rstrip("*")
        told, picker = _INPUTS[name]
        asked.append(ServiceInput(name, told, required=written.endswith("*"), picker=picker))
    return Description(label, tuple(asked), tuple(outputs.split()))


PART_DESCRIPTIONS: Mapping[str, Description] = {
    kind: _described(label, inputs, outputs) for kind, label, inputs, outputs in _KINDS
}


def table() -> str:
    """Return the table of docs/campaign-parts.md."""
    rows = ["| kind | what | inputs (* needed) | sets |", "|---|---|---|---|"]
    for kind, label, inputs, outputs in _KINDS:
        shown = " ".join(f"`{one}`" for one in inputs.split())
        sets = " ".join(f"`{one}`" for one in outputs.split())
        rows.append(f"| `{kind}` | {label.split(' / ')[1]} | {shown} | {sets} |")
    return "\n".join(rows)
