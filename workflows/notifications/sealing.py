"""Secrets at rest: sealed with a key that is derived from the server's, so that a stolen database tells no address.

The standard library has no cipher. The construction is the textbook one from its HMAC-SHA256: a pseudo-random function
in counter mode, then a MAC over nonce and text (encrypt-then-MAC), with two keys of their own
(docs/decisions/0009-notifications.md).
"""

import hashlib
import hmac
import secrets
from itertools import count

NONCE_BYTES = 16
MAC_BYTES = 32


class Sealer:
    """Seals and opens small secrets with one key."""

    def __init__(self, key: str) -> None:
        self._stream_key = self.derive(key, "sealing stream")
        self._mac_key = self.derive(key, "sealing mac")
        self.signing_key = self.derive(key, "signing")

    @staticmethod
    def derive(key: str, purpose: str) -> bytes:
        """Return a key for one purpose alone."""
        return hmac.digest(key.encode(), f"duban notifications {purpose}".encode(), hashlib.sha256)

    def seal(self, text: str) -> bytes:
        """Return the text sealed; the same text never looks the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        hidden = self._mask(nonce, text.encode())
        return nonce + hidden + hmac.digest(self._mac_key, nonce + hidden, hashlib.sha256)

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raises ValueError when the key is another one or somebody changed it."""
        nonce, hidden, mac = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-MAC_BYTES], sealed[-MAC_BYTES:]
        if not hmac.compare_digest(mac, hmac.digest(self._mac_key, nonce + hidden, hashlib.sha256)):
            raise ValueError("sealed with another key")
        return self._mask(nonce, hidden).decode()

    def _mask(self, nonce: bytes, text: bytes) -> bytes:
        stream = b""
        for number in count():
            if len(stream) >= len(text):
                break
            stream += hmac.digest(self._stream_key, nonce + number.to_bytes(8), hashlib.sha256)
        return bytes(one ^ other for one, other in zip(text, stream, strict=False))
