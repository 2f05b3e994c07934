"""The second factor: codes of six digits that change every 30 seconds (RFC 6238), and recovery codes.

The secret is made from the installation's key and a nonce, so that the catalog alone gives nobody a code.
"""

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import delete
from sqlalchemy.orm import Session

from eventlens.accounts.tokens import Signer, hash_token
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import RecoveryCodeRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Conflict, InvalidInput, NotFound, TwoFactorNeeded

STEP_SECONDS = 30
DIGITS = 6
_DRIFT = 1
"""Steps that a clock may be wrong by, either way."""
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret to type, or the address to show as a picture."""

    secret: str
    url: str


class TwoFactor:
    """The second factors of a catalog's users."""

    def __init__(self, catalog: Catalog, signer: Signer, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._signer = signer
        self._clock = clock

    def begin(self, user_id: str) -> Enrolment:
        """A new secret, which protects nothing until it is confirmed. Raises Conflict (there is one)."""
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            if row.totp_since is not None:
                raise Conflict("There is a second factor already; switch it off first.")
            row.totp_nonce = secrets.token_hex(16)
            secret = b32encode(self._secret(row)).decode()
            label = quote(f"Event Lens:{row.email}")
            url = f"otpauth://totp/{label}?secret={secret}&issuer=Event%20Lens"
            return Enrolment(secret, url)

    def confirm(self, user_id: str, code: str) -> list[str]:
        """Switch it on; gives recovery codes, shown this once. Raises InvalidInput (`code`), Conflict."""
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            if row.totp_nonce is None or row.totp_since is not None:
                raise Conflict("There is no second factor to be confirmed.")
            if not self._take_code(row, code):
                raise InvalidInput("that code does not fit; is the clock right?", field="code")
            row.totp_since = to_datetime(self._clock())
            codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
            session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
            session.add_all(RecoveryCodeRow(code_hash=_hash(code), user_id=user_id) for code in codes)
            return codes

    def check(self, user_id: str, code: str) -> None:
        """Take a code, of the app or for recovery; nothing where there is no second factor.

        Raises TwoFactorNeeded for none or a wrong one.
        """
        with self._catalog.session() as session:
            if _row(session, user_id).totp_since is None:
                return
        if not code:
            raise TwoFactorNeeded("A code of your authenticator app is needed, too.")
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            if not self._take_code(row, code) and not _take_recovery(session, user_id, code):
                raise TwoFactorNeeded("That code is wrong, or was used already.")

    def switch_off(self, user_id: str) -> None:
        """Take the second factor and its recovery codes away."""
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            row.totp_nonce = row.totp_since = row.totp_step = None
            session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))

    def _take_code(self, row: UserRow, code: str) -> bool:
        """Whether it is a code of now that was not taken before."""
        now = self._clock() // 1000 // STEP_SECONDS
        plain = code.replace(" ", "")
        secret = self._secret(row)
        for step in range(now - _DRIFT, now + _DRIFT + 1):
            fits = hmac.compare_digest(code_of(secret, step).encode(), plain.encode())
            if fits and (row.totp_step is None or step > row.totp_step):
                row.totp_step = step
                return True
        return False

    def _secret(self, row: UserRow) -> bytes:
        return self._signer.derive("totp", f"{row.id}\0{row.totp_nonce}")[:20]


def code_of(secret: bytes, step: int) -> str:
    """The code of a step of 30 seconds since the epoch (RFC 6238 with SHA-1, which every app knows)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _hash(code: str) -> str:
    return hash_token("".join(letter for letter in code.lower() if letter in _LETTERS))


def _take_recovery(session: Session, user_id: str, code: str) -> bool:
    row = session.get(RecoveryCodeRow, _hash(code))
    if row is None or row.user_id != user_id:
        return False
    session.delete(row)
    return True


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("There is no such user.")
    return row
