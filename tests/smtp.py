"""A mail server of our own: what it was handed, it keeps. It can be slow when that is asked."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

ANSWERS = {b"EHLO": b"250 here\r\n", b"HELO": b"250 here\r\n", b"DATA": b"354 go on\r\n"}


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much of SMTP (RFC 5321) as a client needs that sends plain mails."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[EmailMessage] = []
        self.stalls_at = b""  # a word at which it stands still until it is willing
        self.asked, self.willing = threading.Event(), threading.Event()
        self.refuses = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """A client that was killed is no error of ours."""


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"QUIT":
                break
            if word == b"RCPT" and self.server.refuses:
                self.wfile.write(b"550 nobody here\r\n")
                continue
            if word != b"DATA":
                self.stall(word)
            self.wfile.write(ANSWERS.get(word, b"250 fine\r\n"))
            if word == b"DATA":
                self.take()

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.stall(b"DATA")
        self.server.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.wfile.write(b"250 taken\r\n")

    def stall(self, word: bytes) -> None:
        if word == self.server.stalls_at:
            self.server.asked.set()
            self.server.willing.wait(30)
