"""A mail server of our own that keeps what it is sent."""

import email
import socketserver
import threading
import time
from email.message import EmailMessage
from email.policy import default


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 mailbox\r\n")
        while line := self.rfile.readline(1000):
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines: list[bytes] = []
                while (text := self.rfile.readline(10_000)) != b".\r\n":
                    lines.append(text)
                self.server.letters.append(email.message_from_bytes(b"".join(lines), policy=default))  # pyright: ignore[reportAttributeAccessIssue]  # of Mailbox
                self.wfile.write(b"250 kept\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class Mailbox(socketserver.ThreadingTCPServer):
    """Listens on a free port of loopback until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.letters: list[EmailMessage] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=lens@example.com"

    def await_letters(self, count: int, seconds: float = 20) -> list[EmailMessage]:
        deadline = time.monotonic() + seconds
        while len(self.letters) < count:
            assert time.monotonic() < deadline, f"{len(self.letters)} letters of {count}"
            time.sleep(0.02)
        return self.letters

    def close(self) -> None:
        self.shutdown()
        self.server_close()
