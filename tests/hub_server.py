"""A hub on this machine that speaks the protocol of the Hugging Face hub, for its real client.

What it answers was read from the client: a repository's commit and files under ``/api/models``, a
file's metadata from ``HEAD /resolve``, which redirects large files to another host, and their
bytes from there, whole or from where a ``Range`` says.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_API = re.compile(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?")
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_STORED = re.compile(r"/stored/([0-9a-f]{64})")


class Heard(NamedTuple):
    """A request."""

    method: str
    path: str
    host: str
    range: str
    token: str


@dataclass
class Repository:
    """A repository: its commits, the oldest first, and who may read it."""

    commits: dict[str, dict[str, bytes]]
    gated: bool = False
    readers: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    """Files that are kept in the repository itself, not in large-file storage."""

    @property
    def newest(self) -> str:
        return list(self.commits)[-1]

    def resolve(self, revision: str) -> str | None:
        return self.newest if revision == "main" else revision if revision in self.commits else None


@dataclass
class Hub:
    """The state of the server, which a test changes, and what it heard."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """After how many bytes the next downloads break."""
    garbles: int = 0
    """How many of the next downloads are garbled."""
    stalls_after: int = 0
    """After how many bytes downloads stall, 0 for never; until `goes_on` is set."""
    goes_on: threading.Event = field(default_factory=threading.Event)
    answers: int = 0
    """The status that every request gets, 0 for the right one."""
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(self, name: str, files: Mapping[str, bytes], **options: Any) -> str:
        """Add a commit to a repository, and return its hash."""
        repository = self.repositories.setdefault(name, Repository({}))
        content = repr((name, sorted(files.items()), len(repository.commits))).encode()
        commit = hashlib.sha1(content).hexdigest()
        repository.commits[commit] = dict(files)
        for option, value in options.items():
            setattr(repository, option, value)
        return commit

    def downloads(self) -> list[Heard]:
        return [one for one in self.heard if one.method == "GET" and "/stored/" in one.path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        host, wanted = self.headers.get("Host", ""), self.headers.get("Range", "")
        self.hub.heard.append(Heard(self.command, self.path, host, wanted, token))
        if self.hub.answers:
            self._send(self.hub.answers, {"X-Error-Message": f"no, and your token is {token}"})
        elif found := _STORED.fullmatch(path):
            self._stored(found[1], wanted)
        elif found := _API.fullmatch(path):
            self._api(found[1], found[2] or "main", token, blobs="blobs" in address.query)
        elif found := _RESOLVE.fullmatch(path):
            self._resolve(found[1], found[2], found[3], token)
        else:
            self._send(404)

    def _readable(self, name: str, token: str, *, files: bool) -> Repository | None:
        """Return a repository that a token may read, or answer that it may not."""
        if token == "expired":
            self._send(401, {"X-Error-Message": "Invalid credentials in Authorization header"})
            return None
        repository = self.hub.repositories.get(name)
        if repository is None:
            self._send(404 if token else 401, {"X-Error-Code": "RepoNotFound"})
            return None
        if files and repository.gated and token not in repository.readers:
            self._send(403 if token else 401, {"X-Error-Code": "GatedRepo"})
            return None
        return repository

    def _api(self, name: str, revision: str, token: str, *, blobs: bool) -> None:
        repository = self._readable(name, token, files=False)
        if repository is None:
            return
        commit = repository.resolve(revision)
        if commit is None:
            self._send(404, {"X-Error-Code": "RevisionNotFound"})
            return
        siblings = []
        for file, content in repository.commits[commit].items():
            entry: dict[str, Any] = {"rfilename": file}
            if blobs:
                entry |= {"size": len(content), "blobId": hashlib.sha1(content).hexdigest()}
                if file not in repository.plain:
                    digest = hashlib.sha256(content).hexdigest()
                    entry["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        body = {"_id": "0", "id": name, "modelId": name, "sha": commit, "private": False,
                "gated": repository.gated, "tags": ["gguf"], "siblings": siblings}  # fmt: skip
        self._send(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def _resolve(self, name: str, revision: str, file: str, token: str) -> None:
        repository = self._readable(name, token, files=True)
        if repository is None:
            return
        commit = repository.resolve(revision)
        if commit is None:
            self._send(404, {"X-Error-Code": "RevisionNotFound"})
            return
        headers = {"X-Repo-Commit": commit}
        content = repository.commits[commit].get(file)
        if content is None:
            self._send(404, headers | {"X-Error-Code": "EntryNotFound"})
        elif file in repository.plain:
            self._send(200, headers | {"ETag": f'"{hashlib.sha1(content).hexdigest()}"'}, content)
        else:
            digest = hashlib.sha256(content).hexdigest()
            headers |= {
                # another host: the client must not send its token there
                "Location": f"http://localhost:{self.hub.port}/stored/{digest}?signature=secret",
                "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(content)),
            }
            self._send(302, headers, b"Found. Redirecting")

    def _stored(self, digest: str, wanted: str) -> None:
        [content, *_] = [
            content
            for repository in self.hub.repositories.values()
            for files in repository.commits.values()
            for content in files.values()
            if hashlib.sha256(content).hexdigest() == digest
        ]
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        headers = {"ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        if self.hub.garbles:
            self.hub.garbles -= 1
            body = bytes(len(body))
        cut = self.hub.breaks.pop(0) if self.hub.breaks else None
        self._send(206 if wanted else 200, headers, body, cut=cut)

    def _send(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            if 0 < self.hub.stalls_after < len(body):
                self.wfile.write(body[: self.hub.stalls_after])
                self.hub.goes_on.wait(60)
                body = body[self.hub.stalls_after :]
            with suppress(OSError):  # the client may be gone
                self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


@contextmanager
def hub_server() -> Iterator[Hub]:
    """Run a hub."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
