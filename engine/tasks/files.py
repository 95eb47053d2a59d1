"""Attachments: what may come in is judged by size, name and content; bytes are kept once by their digest."""

import re
import zipfile
from fnmatch import fnmatch
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import filetype
from sqlalchemy import select

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.store import new_id
from engine.tasks.desk import Desk, may_see, operate, require_fresh
from engine.tasks.formdata import form_of, rights_of
from engine.tasks.legality import require
from engine.tasks.models import Attachment, AttachmentContent
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_PARTS = 5000
MAX_FILES_PER_FIELD = 50

OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "txt": "text/plain",
    "csv": "text/csv",
}
FOLDER_OF = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
OLD_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')


def judge_file(filename: str, content: bytes) -> tuple[str, str]:
    """Return the safe name and the media type of an upload; raises :class:`InvalidInput` with a sentence.

    The extension must be a known one and the content must be what the extension says.
    """
    name = _UNSAFE.sub("_", PurePosixPath(filename.replace("\\", "/")).name).strip(". ")[-200:]
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix not in MEDIA_TYPES:
        raise _refused(
            say("不支持的文件类型“{suffix}”；可上传 PDF、图片、Office 文档、TXT 和 CSV", suffix=suffix or filename[:40])
        )
    if not content:
        raise _refused(say("文件是空的"))
    if len(content) > MAX_BYTES:
        raise _refused(say("文件超过 {most} MB", most=MAX_BYTES // 1024 // 1024))
    if not _content_fits(suffix, content):
        raise _refused(say("文件内容与扩展名“.{suffix}”不符", suffix=suffix))
    return name, MEDIA_TYPES[suffix]


def takes(accept: str, media_type: str) -> bool:
    """Say whether a field that accepts these extensions or media types, as HTML lists them, takes a file of a type."""
    wanted = [one.strip().lower() for one in accept.split(",") if one.strip()]
    types = [MEDIA_TYPES.get(one.removeprefix("."), one) for one in wanted]
    return not types or any(fnmatch(media_type, one) for one in types)


def attach(
    engine: "Engine", *, slot_id: int, actor_id: int, field: str, filename: str, content: bytes,
    media_type: str | None = None,
) -> Attachment:  # fmt: skip
    """Upload a file to a field of a task; it becomes evidence when a submission names it.

    ``media_type`` is what the browser claims; it is not believed: name and content decide.
    """
    name, judged = judge_file(filename, content)
    digest = sha256(content).hexdigest()
    taken: list[Attachment] = []

    def act(desk: Desk) -> str:
        require_fresh(desk, None)
        require(desk, "attach")
        form = form_of(desk)
        accepted = {item.key: item.accept for item in form.attachment_fields} if form is not None else {}
        if field not in accepted or rights_of(desk.activation.settings, form).get(field) != "edit":
            raise InvalidInput(say("这个待办没有可以上传的这一项"), {field: say("不能上传到这里")})
        if not takes(accepted[field], judged):
            raise _refused(say("这一项只收这些类型的文件：{types}", types=accepted[field]))
        query = select(Attachment.id).where(Attachment.activation_id == desk.activation.id, Attachment.field == field)
        if len(desk.session.scalars(query).all()) >= MAX_FILES_PER_FIELD:
            raise InvalidInput(say("附件太多"), {field: say("最多 {most} 个", most=MAX_FILES_PER_FIELD)})
        if desk.session.get(AttachmentContent, digest) is None:
            desk.session.add(AttachmentContent(digest=digest, content=content))
        attachment = Attachment(
            id=new_id(), instance_id=desk.instance.id, activation_id=desk.activation.id, field=field, filename=name,
            media_type=judged, size=len(content), digest=digest, uploaded_by=desk.actor_id, uploaded_at=desk.at,
        )  # fmt: skip
        desk.session.add(attachment)
        taken.append(attachment)
        detail = {"attachment": attachment.id, "filename": name, "digest": digest, "field": field}
        desk.writer.line(desk.instance, "attach", actor_id=desk.actor_id, detail=detail, **desk.where)
        return say("已上传")

    operate(engine, slot_id=slot_id, actor_id=actor_id, request={}, key=None, dry_run=False, act=act)
    return taken[-1]


def detach(engine: "Engine", *, slot_id: int, actor_id: int, attachment_id: int) -> None:
    """Take back a file that one uploaded and no submission has named yet."""

    def act(desk: Desk) -> str:
        require(desk, "attach")
        attachment = desk.session.get(Attachment, attachment_id)
        if attachment is None or attachment.activation_id != desk.activation.id:
            raise NotFound(say("没有这个附件"))
        if attachment.submission_id is not None or attachment.uploaded_by != desk.actor_id:
            raise NotAllowed(say("已提交的附件不能删除，只能删除自己上传的附件"))
        desk.session.delete(attachment)
        detail = {"attachment": attachment_id, "digest": attachment.digest}
        desk.writer.line(desk.instance, "detach", actor_id=desk.actor_id, detail=detail, **desk.where)
        return say("已删除")

    operate(engine, slot_id=slot_id, actor_id=actor_id, request={}, key=None, dry_run=False, act=act)


def download(engine: "Engine", *, attachment_id: int, person_id: int) -> tuple[Attachment, bytes]:
    """Return a file to somebody whose business its instance is; others get :class:`NotFound`."""
    from engine.instances.models import Instance

    with engine.db.read() as session:
        attachment = session.get(Attachment, attachment_id)
        if attachment is None:
            raise NotFound(say("没有这个附件"))
        instance = session.get_one(Instance, attachment.instance_id)
        if not may_see(engine, session, instance, person_id):
            raise NotFound(say("没有这个附件"))
        return attachment, session.get_one(AttachmentContent, attachment.digest).content


def _content_fits(suffix: str, content: bytes) -> bool:
    if suffix in FOLDER_OF:
        return _is_office(content, FOLDER_OF[suffix])
    if suffix in ("doc", "xls", "ppt"):
        return content.startswith(OLD_MAGIC)
    if suffix in ("txt", "csv"):
        return b"\0" not in content and filetype.guess(content) is None
    kind = filetype.guess(content)
    return kind is not None and kind.mime in (MEDIA_TYPES[suffix], MEDIA_TYPES[suffix].replace("/bmp", "/x-ms-bmp"))


def _is_office(content: bytes, folder: str) -> bool:
    """Look into the package without unpacking it; what would unpack to too much is refused."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise _refused(say("文件展开后过大"))
    names = {part.filename for part in parts}
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"file": sentence})
