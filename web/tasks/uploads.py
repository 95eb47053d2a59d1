"""Files that people send: by size, by name, and by what their bytes say."""

import zipfile
from io import BytesIO

import filetype
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from engine.errors import InvalidInput

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
LONGEST_NAME = 200
OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    **OFFICE,
}
SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""Types that a browser may draw; everything else is only ever downloaded."""


def checked(upload: FileStorage) -> tuple[str, str, bytes]:
    """Return filename, media type and content of an upload, or say why it is refused."""
    name = (upload.filename or "").replace("\\", "/").rsplit("/", 1)[-1].strip()[-LONGEST_NAME:]
    name = "".join(character for character in name if character.isprintable())
    ending = f".{name.rsplit('.', 1)[-1].lower()}" if "." in name else ""
    if ending not in TYPES:
        raise InvalidInput(
            _("“%(name)s”的类型不接受；可以上传图片、PDF、Word、Excel、PPT 和文本文件。", name=name or "?")
        )
    content = upload.stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(_("“%(name)s”超过 20 MB。", name=name))
    if not content:
        raise InvalidInput(_("“%(name)s”是空文件。", name=name))
    if not _is_what_it_says(ending, content):
        raise InvalidInput(_("“%(name)s”的内容与扩展名不符，没有保存。", name=name))
    return name, TYPES[ending], content


def _is_what_it_says(ending: str, content: bytes) -> bool:
    if ending in (".txt", ".csv"):
        return b"\0" not in content[:4096]
    if ending in OFFICE:
        return _is_office(content)
    kind = filetype.guess(content)
    return kind is not None and kind.mime == TYPES[ending]


def _is_office(content: bytes) -> bool:
    """An Office file is a ZIP with a list of contents, and it must not unpack into something enormous."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            return "[Content_Types].xml" in archive.namelist() and unpacked <= MAX_UNPACKED_BYTES
    except zipfile.BadZipFile:
        return False
