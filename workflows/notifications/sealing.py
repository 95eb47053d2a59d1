"""Secrets at rest: sealed with a key that is derived from the server's, so that a stolen database tells no address."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals and opens small secrets with one key (Fernet: AES-CBC, encrypt-then-MAC)."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(self.derive(key, "sealing")))
        self.signing_key = self.derive(key, "signing")

    @staticmethod
    def derive(key: str, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose alone."""
        return hmac.digest(key.encode(), f"duban notifications {purpose}".encode(), hashlib.sha256)

    def seal(self, text: str) -> bytes:
        """Return the text sealed; the same text never looks the same."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raises ValueError when the key is another one or somebody changed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("sealed with another key") from error
