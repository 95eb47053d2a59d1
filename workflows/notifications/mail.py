"""E-mail by SMTP. A repeated message carries the same Message-ID, by which mail systems recognise duplicates."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from html import escape
from typing import Final

from workflows.notifications.config import Smtp
from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.message import Message, heading, named

SECONDS: Final = 15.0
FIRST_PERMANENT: Final = 500


def send_mail(smtp: Smtp, *, to: str, message: Message) -> None:
    """Hand a message to the mail server.

    Raises
    ------
    Refused
        The server refuses it for good (5xx), or the address is none.
    NotDelivered
        The server cannot be reached or says later (4xx).

    """
    if "@" not in parseaddr(to)[1]:
        raise Refused("没有有效的邮箱地址 / there is no valid e-mail address")
    letter = compose(smtp, to=to, message=message)
    try:
        with _connect(smtp) as server:
            server.send_message(letter, from_addr=parseaddr(smtp.sender)[1], to_addrs=[parseaddr(to)[1]])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _verdict(code, words) from error
    except smtplib.SMTPResponseException as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(f"邮件服务器连接失败（{type(error).__name__}） / cannot reach the mail server") from error


def compose(smtp: Smtp, *, to: str, message: Message) -> EmailMessage:
    """Return the letter: plain text and the same as HTML; digests carry one-click unsubscription (RFC 8058)."""
    letter = EmailMessage()
    letter["Subject"] = message.subject
    letter["From"] = smtp.sender
    letter["To"] = to
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = f"<{message.id}@{parseaddr(smtp.sender)[1].rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = "en" if message.language == "en" else "zh-CN"
    if message.unsubscribe_link:
        letter["List-Unsubscribe"] = f"<{message.unsubscribe_link}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content("\n\n".join(part for part in (message.text, _foot(message)) if part) + "\n")
    letter.add_alternative(_html(message), subtype="html")
    return letter


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if smtp.security == "smtps":
        server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=SECONDS)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)
        if smtp.user:
            server.login(smtp.user, smtp.password)
    except BaseException:
        server.close()
        raise
    return server


def _verdict(code: int, words: bytes | str) -> NotDelivered:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    kind = Refused if code >= FIRST_PERMANENT else NotDelivered
    return kind(f"邮件服务器答复 {code} {said[:200]} / the mail server answered {code}")


def _foot(message: Message) -> str:
    links = {"settings": message.settings_link, "unsubscribe": message.unsubscribe_link}
    return "\n".join(f"{named(name, message.language)}: {link}" for name, link in links.items() if link)


def _html(message: Message) -> str:
    parts = []
    for item in message.items:
        title = escape(heading(item, message.language))
        head = f'<a href="{escape(item.link)}">{title}</a>' if item.link else title
        words = f"<br>{escape(item.words)}" if item.words else ""
        parts.append(f"<p>{head}{words}</p>")
    foot = escape(_foot(message)).replace("\n", "<br>")
    return f'<html><body>{"".join(parts)}<p style="color:#667">{foot}</p></body></html>'
