"""Lint of what the house adds to human tasks: policies and automatic rules (approvals.md)."""

from typing import TYPE_CHECKING

from engine.definitions.assignment import parse_rule
from engine.definitions.model import Node
from engine.definitions.ratio import parse_ratio
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

CHOICES = {
    "duban:kind": {"approval", "work"},
    "duban:policy": {"single", "all", "any", "vote", "sequence"},
    "duban:collectAll": {"true", "false"},
    "duban:abstain": {"counts", "leaves"},
    "duban:opinion": {"optional", "required", "onReject"},
    "duban:signature": {"none", "required"},
    "duban:emptyApprover": {"admin", "skip", "named"},
    "duban:initiatorIsApprover": {"self", "skip", "leader"},
    "duban:dedupe": {"none", "consecutive", "once"},
    "duban:retrieve": {"before_open", "before_act", "never"},
    "duban:onOverdue": {"remind", "escalate", "transfer", "return", "agree", "reject"},
    "duban:addSign": {"true", "false"},
    "duban:batch": {"true", "false"},
}
ASSIGNMENTS = ("assignee", "candidateUsers", "candidateGroups")
RULES = (
    *(f"{prefix}:{name}" for prefix in ("camunda", "duban") for name in ASSIGNMENTS),
    *(f"duban:{name}" for name in ("veto", "escalateTo", "copyTo", "extendBy", "emptyApproverTo")),
)
"""Attributes that hold an assignment rule, or FEEL that gives one."""

WITHDRAW = ("draft", "void", "never")


def check_approval(lint: "Linter", node: Node) -> None:
    """Check the attributes of a human task that the engine acts upon."""
    for name, allowed in CHOICES.items():
        value = node.attributes.get(name)
        if value is not None and value not in allowed:
            choices = "、".join(sorted(allowed))
            lint.refuse(
                "attribute-value", node, f"{name}=“{value}”不认识 / Unknown value", f"可用：{choices} / Use one"
            )
    _check_rules(lint, node)
    if node.attributes.get("duban:policy") == "vote":
        _check_vote(lint, node)
    if node.attributes.get("duban:emptyApprover") == "named" and not node.attributes.get("duban:emptyApproverTo"):
        lint.refuse(
            "empty-approver-to", node, "没有写明找不到办理人时由谁办 / Nobody is named for an empty approver",
            "写上 duban:emptyApproverTo / Name a rule in duban:emptyApproverTo",
        )  # fmt: skip


def check_withdraw(lint: "Linter", value: str | None) -> None:
    """Check what a process does when its initiator withdraws it."""
    if value is not None and value not in WITHDRAW:
        lint.refuse(
            "attribute-value", None, f"duban:withdraw=“{value}”不认识 / Unknown value",
            f"可用：{'、'.join(WITHDRAW)} / Use one",
        )  # fmt: skip


def _check_rules(lint: "Linter", node: Node) -> None:
    """Check that the rules that find people are of the grammar; FEEL is checked elsewhere, and when it gave one."""
    for name in RULES:
        text = node.attributes.get(name, "").strip()
        if not text or text.startswith("=") or "${" in text:
            continue
        try:
            parse_rule(text)
        except InvalidInput as error:
            advice = "写成 post(代码)、group(代码)、leader() 等，见 docs/approvals.md / See docs/approvals.md"
            chinese, _, english = str(error).partition(" / ")
            lint.refuse("assignment-rule", node, f"{name}：{chinese} / {name}: {english}", advice)


def _check_vote(lint: "Linter", node: Node) -> None:
    ratio, count = node.attributes.get("duban:voteRatio"), node.attributes.get("duban:voteCount")
    if bool(ratio) == bool(count):
        lint.refuse(
            "vote-needs", node, "票签要写通过比例或票数，且只写一个 / A vote needs a ratio or a count, and only one",
            "写上 duban:voteRatio（如 2/3、60%）或 duban:voteCount / Give one of them",
        )  # fmt: skip
    if ratio and not _is_share(ratio):
        lint.refuse(
            "vote-needs", node, f"票签比例“{ratio}”应大于 0、不超过 1 / The ratio is no share",
            "写成 2/3、0.6 或 60% / Write 2/3, 0.6 or 60%",
        )  # fmt: skip
    if count and (not count.isdigit() or int(count) == 0):
        lint.refuse(
            "vote-needs", node, f"票数“{count}”应是正整数 / The count is no positive number", "更正 / Correct it"
        )


def _is_share(text: str) -> bool:
    try:
        parse_ratio(text)
    except ValueError:
        return False
    return True
