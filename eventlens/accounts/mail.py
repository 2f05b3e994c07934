"""Mail: what is sent to people, through the server of SMTP_URL."""

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from eventlens.errors import EventLensError

log = logging.getLogger(__name__)

SECONDS = 20
MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to somebody."""

    to: str
    subject: str
    text: str


class Mail:
    """Sends mail from a thread of its own, so that nobody can tell by the time whether any was sent."""

    def __init__(self, url: str | None, host: str) -> None:
        self._url = url
        self._host = host
        self._turn = threading.Semaphore(1)
        self._waiting = threading.Semaphore(MOST_WAITING)

    @property
    def works(self) -> bool:
        """Whether there is a mail server."""
        return self._url is not None

    def send(self, to: str, subject: str, text: str) -> bool:
        """Send a mail soon; whether it will be tried. What fails is logged, without the address."""
        return self.compose_and_send(lambda: Letter(to, subject, text))

    def compose_and_send(self, compose: Callable[[], Letter | None]) -> bool:
        """The same for a letter that is written in the thread too; None: there is nobody to write to."""
        if self._url is None or not self._waiting.acquire(blocking=False):
            return False
        threading.Thread(target=self._send, args=(self._url, compose), daemon=True).start()
        return True

    def _send(self, url: str, compose: Callable[[], Letter | None]) -> None:
        try:
            with self._turn:
                letter = compose()
                if letter is not None:
                    _deliver(url, self._host, letter)
        except (OSError, smtplib.SMTPException, ValueError, EventLensError) as error:
            log.warning("a mail could not be sent: %s", type(error).__name__)
        finally:
            self._waiting.release()


def _deliver(url: str, host: str, letter: Letter) -> None:
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = parse_qs(parts.query).get("from", [user if "@" in user else f"event-lens@{host}"])[0]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message.set_content(letter.text)
    server = parts.hostname or "localhost"
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        connection = smtplib.SMTP_SSL(server, parts.port or 465, timeout=SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server, parts.port or 25, timeout=SECONDS)
    with connection as smtp:
        smtp.ehlo()
        if parts.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        if user:
            smtp.login(user, password)
        smtp.send_message(message)
