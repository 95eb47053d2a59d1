"""What events, channels and their states are called on pages."""

from flask_babel import gettext as _

from workflows.notifications.events import Event, Timing
from workflows.notifications.message import Content
from workflows.notifications.models import ChannelKind, ChannelState


def event_names() -> dict[str, str]:
    """Return events in the order of the page."""
    return {
        Event.TASK: _("新待办"),
        Event.WARNED: _("快到期"),
        Event.OVERDUE: _("已经逾期"),
        Event.ESCALATED: _("升级到我"),
        Event.URGED: _("有人催办"),
        Event.RETURNED: _("被退回"),
        Event.COPIED: _("抄送给我"),
        Event.MENTIONED: _("评论里提到我"),
        Event.DECIDED: _("我发起的有了办理意见"),
        Event.FINISHED: _("我发起的已办结"),
        Event.OTHER: _("其他通知"),
    }


def timing_names() -> dict[str, str]:
    """Return how soon a channel may carry an event."""
    return {Timing.NOW: _("即时"), Timing.DIGEST: _("汇总"), Timing.OFF: _("不发")}


def kind_names() -> dict[str, str]:
    """Return the kinds of channels."""
    return {
        ChannelKind.EMAIL: _("邮箱"),
        ChannelKind.WEBHOOK: _("Webhook"),
        ChannelKind.DINGTALK: _("钉钉机器人"),
        ChannelKind.WECOM: _("企业微信机器人"),
        ChannelKind.FEISHU: _("飞书机器人"),
    }


def state_names() -> dict[str, tuple[str, str]]:
    """Return words and colours of channels' states."""
    return {
        ChannelState.NEW: (_("未试过"), ""),
        ChannelState.WORKING: (_("正常"), "green"),
        ChannelState.FAILING: (_("发送受阻，仍在重试"), "amber"),
        ChannelState.DEAD: (_("已失效，不再发送"), "red"),
    }


def content_names() -> dict[str, str]:
    """Return how much a message may tell."""
    return {
        Content.MINIMAL: _("只说有事，附链接"),
        Content.TITLE: _("标题和链接"),
        Content.DETAILS: _("另含退回原因和评论原文"),
    }
