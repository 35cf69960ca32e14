"""A hub on the loopback interface: it answers what huggingface_hub asks of the real one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

LARGE = ".safetensors"
"""What a real hub keeps in LFS, and so gives the sha256 of."""


@dataclass(slots=True)
class Hub:
    """Models by id, each with its commits and the branches that point to them, or the code of a refusal."""

    url: str = ""
    commits: dict[str, Path] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, model: str, directory: Path, branch: str = "main") -> str:
        """Make a directory what a branch of a model points to; the commit."""
        content = b"".join(path.name.encode() + path.read_bytes() for path in sorted(directory.iterdir()))
        commit = sha1(content).hexdigest()
        self.commits[commit] = directory
        self.branches[model, branch] = commit
        return commit

    def commit(self, model: str, revision: str) -> str | None:
        return self.branches.get((model, revision), revision if revision in self.commits else None)


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub that answers at its `url` for as long as the context lasts."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answer, hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answer(BaseHTTPRequestHandler):
    """`/api/models/<org>/<name>[/revision/<rev>]` and `/<org>/<name>/resolve/<rev>/<file>`."""

    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Hub, *arguments: object) -> None:
        self.hub = hub
        super().__init__(*arguments)  # type: ignore[arg-type]  # request, address, server

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # their name
        self.hub.asked.append(f"{self.command} {self.path}")

    def _answer(self, *, body: bool) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        match parts:
            case ["api", "models", org, name]:
                found = self._info(f"{org}/{name}", "main")
            case ["api", "models", org, name, "revision", revision]:
                found = self._info(f"{org}/{name}", revision)
            case [org, name, "resolve", revision, *path]:
                found = self._file(f"{org}/{name}", revision, "/".join(path))
            case _:
                found = (404, {"X-Error-Code": "EntryNotFound"}, b"")
        self._send(*found, body=body)

    def _info(self, model: str, revision: str) -> "_Found":
        commit = self.hub.commit(model, revision)
        if commit is None:
            return self._unknown(model)
        siblings = [_sibling(path) for path in sorted(self.hub.commits[commit].iterdir())]
        info = {"id": model, "modelId": model, "sha": commit, "siblings": siblings}
        return 200, {"Content-Type": "application/json"}, json.dumps(info).encode()

    def _file(self, model: str, revision: str, name: str) -> "_Found":
        commit = self.hub.commit(model, revision)
        if commit is None:
            return self._unknown(model)
        path = self.hub.commits[commit] / name
        if not path.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}, b""
        content = path.read_bytes()
        return 200, {"X-Repo-Commit": commit, "ETag": f'"{sha256(content).hexdigest()}"'}, content

    def _unknown(self, model: str) -> "_Found":
        if model in self.hub.refusals:
            return 403, {"X-Error-Code": self.hub.refusals[model]}, b""
        known = any(name == model for name, _ in self.hub.branches)
        return 404, {"X-Error-Code": "RevisionNotFound" if known else "RepoNotFound"}, b""

    def _send(self, status: int, headers: dict[str, str], content: bytes, *, body: bool) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


_Found = tuple[int, dict[str, str], bytes]


def _sibling(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    sibling: dict[str, object] = {
        "rfilename": path.name,
        "size": len(content),
        "blobId": sha1(content).hexdigest(),
    }
    if path.suffix == LARGE:
        sibling["lfs"] = {"size": len(content), "sha256": sha256(content).hexdigest(), "pointerSize": 134}
    return sibling
