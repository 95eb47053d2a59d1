"""Addresses that may not be called: by their looks, by what their names resolve to, by where they redirect."""

import ipaddress
import socket
from typing import Any

import pytest

from tests.support.receivers import web_server
from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.outgoing import MOST_ANSWER_BYTES, judge_url, may_call, post, resolve

INSIDE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b::a00:1", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_never_called(address: str) -> None:
    assert not may_call(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_an_address_of_the_internet_may_be_called(address: str) -> None:
    assert may_call(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://", "https://user@example.org/",
        "https://user:word@example.org/", "https://example.org:0/", "https://example.org:99999/", "gopher://x",
        "https://exam ple.org/", "https://example.org/\r\nX: y", "//example.org", "javascript:alert(1)", "",
        "https://[::1", "https://例子.org/",
    ],
)  # fmt: skip
def test_an_address_is_refused_by_its_looks(url: str) -> None:
    with pytest.raises(Refused):
        judge_url(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "localhost", "169.254.169.254"])
def test_however_the_own_machine_is_spelt_it_is_refused(host: str) -> None:
    with pytest.raises((Refused, NotDelivered)):
        post(f"https://{host}/", body=b"", headers={})


def test_one_inside_address_among_a_names_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(Refused):
        resolve("rebinding.example", 443)
    assert resolve("rebinding.example", 443, allowed=["10.0.0.0/8"]) == "10.0.0.1"


def test_a_host_that_an_operator_opened_is_called_without_redirects_and_read_in_part() -> None:
    with web_server() as receiver:
        receiver.answer = (302, {"Location": f"{receiver.url}/elsewhere"}, b"")
        answer = post(f"{receiver.url}/in?a=1", body=b"hello", headers={"X-A": "b"}, allowed=["127.0.0.1"])
        assert answer.status == 302
        assert [(one.path, one.body, one.headers["x-a"]) for one in receiver.requests] == [("/in?a=1", b"hello", "b")]
        receiver.answer = (200, {}, b"x" * (MOST_ANSWER_BYTES + 1))
        assert len(post(receiver.url, body=b"", headers={}, allowed=["127.0.0.0/8"]).body) == MOST_ANSWER_BYTES


def test_nobody_there_is_worth_another_try() -> None:
    with web_server() as receiver:
        url = receiver.url
    with pytest.raises(NotDelivered) as caught:
        post(url, body=b"", headers={}, allowed=["127.0.0.1"])
    assert not isinstance(caught.value, Refused)
