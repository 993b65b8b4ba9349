"""A WeCom API that answers what a test tells it to and remembers every request."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    body: Json


@dataclass(frozen=True)
class Raw:
    """An answer that is not JSON with status 200."""

    status: int = 200
    body: bytes = b""
    seconds: float = 0
    """Waited before answering."""


Answer = Json | Raw | Callable[[Request], Json | Raw]


@dataclass
class StubWecom:
    """Answers per path, in turn; the last one is kept."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    tokens: int = 0
    """How many tokens were given out; only the newest is good."""
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def will(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def fetch_token(self, _request: Request) -> Json:
        with self._lock:
            self.tokens += 1
            return {"errcode": 0, "access_token": f"token-{self.tokens}", "expires_in": 7200}

    def if_token_is_newest(self, answer: Json) -> Callable[[Request], Json]:
        """Take only the token that was given out last."""

        def check(request: Request) -> Json:
            is_newest = request.query.get("access_token") == f"token-{self.tokens}"
            return answer if is_newest else {"errcode": 42001, "errmsg": "access_token expired"}

        return check

    def respond(self, request: Request) -> Raw:
        with self._lock:
            self.requests.append(request)
            turns = self.answers.setdefault(
                request.path,
                [self.fetch_token if request.path == "gettoken" else {"errcode": 0}],
            )
            answer = turns.pop(0) if len(turns) > 1 else turns[0]
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, Raw) else Raw(body=json.dumps(answer).encode())


class StubServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stub: StubWecom) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stub = stub
        self.released = threading.Event()
        stub.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet; otherwise delayed acknowledgements cost 40 ms an answer.
    wbufsize = -1
    server: StubServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(size)
        parts = urlsplit(self.path)
        raw = self.server.stub.respond(
            Request(
                parts.path.removeprefix("/cgi-bin/"),
                dict(parse_qsl(parts.query)),
                json.loads(content) if content else {},
            )
        )
        if raw.seconds:
            self.server.released.wait(raw.seconds)
        self.send_response(raw.status)
        self.send_header("Content-Length", str(len(raw.body)))
        if 300 <= raw.status < 400:
            self.send_header("Location", f"{self.server.stub.url}/cgi-bin/elsewhere")
        self.end_headers()
        self.wfile.write(raw.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
