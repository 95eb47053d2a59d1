"""One HTTP POST to a stranger's address, guarded: whom it reaches, how long it takes, how much comes back.

The name is resolved once and every address is judged; the connection goes to the address that was judged (so a name
that resolves differently a moment later gains nothing), with the certificate checked for the name. Redirects are not
followed, proxies of the environment not used.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from workflows.notifications.errors import NotDelivered, Refused

CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
MOST_ANSWER_BYTES: Final = 64 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""NAT64: such an address may lead to a private IPv4 one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and the beginning of the body."""

    status: int
    body: bytes


def post(url: str, *, body: bytes, headers: Mapping[str, str], allowed: Collection[str] = ()) -> Answer:
    """Post to an address of the outside.

    Parameters
    ----------
    allowed
        Host names and networks inside the house that an operator opened; plain ``http`` goes to these alone.

    Raises
    ------
    Refused
        The address is not one that may be called.
    NotDelivered
        Nobody answered in time.

    """
    parts = judge_url(url, allowed=allowed)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    target = resolve(host, port, allowed=allowed)
    connection = _connection(parts.scheme, host, port, target)
    watchdog = threading.Timer(WHOLE_SECONDS, _cut, [connection])
    watchdog.start()
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, body=body, headers={"User-Agent": "Duban", **headers})
        response = connection.getresponse()
        return Answer(response.status, response.read(MOST_ANSWER_BYTES))
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"对方证书无效（{error.verify_message}） / the receiver's certificate is not valid") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"连接失败（{type(error).__name__}） / the connection failed") from error
    finally:
        watchdog.cancel()
        connection.close()


def judge_url(url: str, *, allowed: Collection[str] = ()) -> SplitResult:
    """Return the parts of an address that may be called by its looks; raises Refused with a sentence."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("网址格式不对 / this is not an address") from error
    if any(not 32 < ord(letter) < 127 for letter in url) or not parts.hostname or port == 0:
        raise Refused("网址格式不对 / this is not an address")
    if parts.username is not None or parts.password is not None:
        raise Refused("网址里不能写账号口令 / no account or password in an address")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_open(parts.hostname, allowed)):
        raise Refused("网址须以 https:// 开头 / the address must begin with https://")
    return parts


def resolve(host: str, port: int, *, allowed: Collection[str] = ()) -> str:
    """Return the address to connect to; one address of the house among a name's is enough to refuse it."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"找不到主机 {host} / no such host") from error
    addresses = sorted(found, key=str)
    if not _is_open(host, allowed):
        for address in addresses:
            if not may_call(ipaddress.ip_address(str(address).partition("%")[0]), allowed):
                raise Refused("这个地址在内部网络，不能调用 / this address is inside the house and may not be called")
    return str(addresses[0])


def may_call(address: Address, allowed: Collection[str] = ()) -> bool:
    """Say whether an address is of the open internet, or of a network that an operator opened."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if isinstance(address, ipaddress.IPv6Address) and address.teredo is not None:
        return False
    if inner is not None:
        return may_call(inner, allowed)
    if any("/" in one and address in ipaddress.ip_network(one) for one in allowed):
        return True
    if any(address in network for network in _TRANSLATED):
        return False
    if getattr(address, "is_site_local", False):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_open(host: str, allowed: Collection[str]) -> bool:
    """Say whether an operator opened this host by its name, or its literal address by a network."""
    if host.lower() in allowed:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any("/" in one and address in ipaddress.ip_network(one) for one in allowed)


class _Pinned(http.client.HTTPSConnection):
    """A TLS connection to one address, whose certificate must be the name's."""

    def __init__(self, host: str, port: int, target: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=ssl.create_default_context())
        self._target = target

    def connect(self) -> None:
        """Connect to the judged address."""
        plain = socket.create_connection((self._target, self.port), CONNECT_SECONDS)
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


class _PinnedPlain(http.client.HTTPConnection):
    """A plain connection to one address, for hosts that an operator opened."""

    def __init__(self, host: str, port: int, target: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self._target = target

    def connect(self) -> None:
        """Connect to the judged address."""
        self.sock = socket.create_connection((self._target, self.port), CONNECT_SECONDS)


def _connection(scheme: str, host: str, port: int, target: str) -> http.client.HTTPConnection:
    return _Pinned(host, port, target) if scheme == "https" else _PinnedPlain(host, port, target)


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection whose other side keeps us waiting byte by byte."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
