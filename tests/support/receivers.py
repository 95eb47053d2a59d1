"""Receivers of notifications on this machine: a mail server and a web server that write down what reaches them."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MailServer:
    """What a mail server took in. ``verdict`` is the SMTP reply to each, such as ``250 ok``."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    verdict: Callable[[], str] = lambda: "250 ok"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server that keeps letters in memory."""
    kept = MailServer()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self._say("354 go on")
                    self._take()
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            answer = kept.verdict()
            if answer.startswith("250"):
                kept.letters.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))  # type: ignore[arg-type]
            self._say(answer)

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Conversation) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()


@dataclass
class Request:
    """One request: path, headers in lower case, body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """What a web server got. ``answer`` is its status, headers and body to everything."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Run a web server that answers every POST alike."""
    kept = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, content = kept.answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
