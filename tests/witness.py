"""A small witness: c2sp.org/tlog-witness as a server on this machine, with a key of its own."""

import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import tree
from audit.note import COSIGNATURE, Checkpoint, Unsigned, Verifier, cosignature_line

NAME = "witness.example/w1"
EMPTY = (0, tree.EMPTY)


class SmallWitness:
    """Remembers (size, root) of each log that it knows, and signs what continues that."""

    def __init__(self, *logs: Verifier) -> None:
        self.logs = {log.name: log for log in logs}
        self.key = Ed25519PrivateKey.generate()
        self.remembered: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, int]] = []  # path and old size of each request

    @property
    def vkey(self) -> str:
        return Verifier(NAME, self.key.public_key().public_bytes_raw(), COSIGNATURE).vkey

    def answer(self, path: str, body: str) -> tuple[int, str, str]:
        """Status, content type and body, for a checkpoint that is submitted."""
        old_line, *hashes = body.partition("\n\n")[0].split("\n")
        old, note = int(old_line.removeprefix("old ")), body.partition("\n\n")[2]
        self.asked.append((path, old))
        origin = note.partition("\n")[0]
        if origin not in self.logs:
            return 404, "text/plain", "no such log\n"
        try:
            head = Checkpoint.open(note, [self.logs[origin]])
        except Unsigned:
            return 403, "text/plain", "not signed by this log\n"
        return self.judge(head, old, [b64decode(hash, validate=True) for hash in hashes])

    def judge(self, head: Checkpoint, old: int, proof: list[bytes]) -> tuple[int, str, str]:
        size, root = self.remembered.get(head.origin, EMPTY)
        if old > head.size:
            return 400, "text/plain", "the old size is the larger one\n"
        if old != size or (old == head.size and root != head.root):
            return 409, "text/x.tlog.size", f"{size}\n"
        if not tree.verify_consistency(old, root, head.size, head.root, proof):
            return 422, "text/plain", "not consistent\n"
        self.remembered[head.origin] = head.size, head.root
        return 200, "text/plain", self.sign(head)

    def sign(self, head: Checkpoint) -> str:
        return cosignature_line(head.text, NAME, self.key, int(time.time()))


@contextmanager
def served(witness: SmallWitness) -> Iterator[str]:
    """The address that it answers at, meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, kind, said = witness.answer(self.path, body)
            self.send_response(status)
            self.send_header("Location" if status == 302 else "Content-Type", kind)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: Any) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
