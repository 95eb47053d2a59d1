"""Small valid files that scenario people upload, made from their names."""

from io import BytesIO
from pathlib import PurePath
from zlib import compress, crc32

from docx import Document
from openpyxl import Workbook

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def make_file(name: str) -> tuple[bytes, str]:
    """Return content and media type of a file by its extension; an unknown one holds plain bytes."""
    suffix = PurePath(name).suffix.lower()
    makers = {".pdf": _pdf, ".png": _png, ".docx": _docx, ".xlsx": _xlsx}
    maker = makers.get(suffix)
    content = maker(name) if maker else b"MZ " + name.encode()
    return content, MEDIA_TYPES.get(suffix, "application/octet-stream")


def _pdf(name: str) -> bytes:
    head = f"%PDF-1.4\n% {name}\n".encode()
    body = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    return head + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def _png(name: str) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + crc32(kind + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    text = chunk(b"tEXt", b"Title\0" + name.encode("ascii", "replace"))
    pixels = chunk(b"IDAT", compress(b"\0\xff"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + pixels + chunk(b"IEND", b"")


def _docx(name: str) -> bytes:
    document, buffer = Document(), BytesIO()
    document.add_paragraph(name)
    document.save(buffer)
    return buffer.getvalue()


def _xlsx(name: str) -> bytes:
    book, buffer = Workbook(), BytesIO()
    if book.active is not None:
        book.active["A1"] = name
    book.save(buffer)
    return buffer.getvalue()
