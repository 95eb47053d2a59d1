"""What people chose: when, by which channel, how much; and the organisation's own limits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.store.settings import get_setting, put_setting
from engine.wording import say
from workflows.notifications.events import DEFAULTS, Event, Timing
from workflows.notifications.message import LEVELS, Content
from workflows.notifications.models import Channel, ChannelKind, Preference

POLICY = "notifications"
MINUTES_A_DAY = 24 * 60
LANGUAGES = ("zh", "en")
DEFAULT_QUIET = (22 * 60, 7 * 60)


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation's limits: how much a message may tell at most, and which kinds of channels people may use."""

    content: str = Content.TITLE
    kinds: tuple[str, ...] = tuple(ChannelKind)


def policy_of(session: Session) -> Policy:
    """Return the organisation's limits."""
    text = get_setting(session, POLICY)
    if text is None:
        return Policy()
    kept = orjson.loads(text)
    return Policy(str(kept["content"]), tuple(kept["kinds"]))


def put_policy(session: Session, policy: Policy) -> None:
    """Set the organisation's limits; the caller has checked that an administrator asks."""
    if policy.content not in LEVELS or not set(policy.kinds) <= set(ChannelKind):
        raise InvalidInput(say("不认识的内容级别或通道"))
    put_setting(session, POLICY, orjson.dumps(asdict(policy)).decode())


def fresh_preference(person_id: int) -> Preference:
    """Return what counts for somebody who has chosen nothing yet."""
    begin, end = DEFAULT_QUIET
    return Preference(
        person_id=person_id, language="zh", choices={}, quiet_from=begin, quiet_to=end, urgent_passes=True,
        working_days_only=False, digest_at=8 * 60, digest_day=None, content=Content.TITLE,
    )  # fmt: skip


def preferences_of(session: Session, people: Sequence[int]) -> dict[int, Preference]:
    """Return people's preferences in one statement; the defaults for who has none."""
    found = {one.person_id: one for one in session.scalars(select(Preference).where(Preference.person_id.in_(people)))}
    return {person: found.get(person) or fresh_preference(person) for person in people}


def timing(preference: Preference, channel: Channel, event: Event) -> Timing:
    """Return how soon a channel carries an event to this person."""
    chosen: Mapping[str, str] = preference.choices.get(str(channel.id), {})
    return Timing(chosen.get(event, DEFAULTS[event]))


def save_preference(
    session: Session, *, person_id: int, language: str, choices: Mapping[str, Mapping[str, str]],
    quiet: tuple[int, int] | None, urgent_passes: bool, working_days_only: bool, digest_at: int,
    digest_day: int | None, content: str,
) -> None:  # fmt: skip
    """Save what a person chose.

    Parameters
    ----------
    choices
        Channel id -> event -> timing; channels that are not the person's are left out.
    quiet
        Begin and end in minutes after midnight, None for no quiet hours.
    digest_day
        0 for Monday; None for every day.

    Raises
    ------
    InvalidInput
        Something is not one of its possible values.

    """
    minutes = (*(quiet or ()), digest_at)
    if any(not 0 <= one < MINUTES_A_DAY for one in minutes) or digest_day not in (None, *range(7)):
        raise InvalidInput(say("时间不对"), {"quiet": say("请填写 00:00–23:59")})
    if language not in LANGUAGES or content not in LEVELS:
        raise InvalidInput(say("不认识的语言或内容级别"))
    mine = {str(one) for one in session.scalars(select(Channel.id).where(Channel.person_id == person_id))}
    kept: dict[str, dict[str, str]] = {}
    for channel_id, events in choices.items():
        if channel_id in mine:
            if not (set(events) <= set(Event) and set(events.values()) <= set(Timing)):
                raise InvalidInput(say("不认识的事件或方式"))
            kept[channel_id] = {str(event): str(how) for event, how in events.items()}
    found = session.get(Preference, person_id, with_for_update=True)
    preference = found or fresh_preference(person_id)
    preference.language, preference.choices, preference.content = language, kept, content
    preference.quiet_from, preference.quiet_to = quiet or (None, None)
    preference.urgent_passes, preference.working_days_only = urgent_passes, working_days_only
    preference.digest_at, preference.digest_day = digest_at, digest_day
    if found is None:
        session.add(preference)
