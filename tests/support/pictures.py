"""Small pictures for tests."""

import struct
import zlib

WIDTH, HEIGHT = 320, 200


def photo(tone: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return a PNG: a box in front of a wall, all of them shades around ``tone`` (0-255)."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            box = width // 3 < x < 2 * width // 3 and height // 4 < y < 4 * height // 5
            shade = max(0, tone - 70) if box else min(255, tone + y // 8)
            rows += bytes((shade, shade, min(255, shade + 12)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
