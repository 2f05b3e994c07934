"""Every combination of credentials, and whom it lets in."""

from datetime import UTC, datetime

import pytest

from eventlens.accounts.clients import Client, ClientType, hash_secret
from eventlens.ingest.admit import Admission, Credentials, admit
from eventlens.ingest.payload import Refusal

ID = "0b0f2a6e-7c1d-4c53-9a55-3f6f6c1f9d01"
SECRET = "sec_right"
PAGE = "https://shop.example"


class Book(dict[str, Client]):
    def find(self, client_id: str, /) -> Client | None:
        return self.get(client_id)


def book(kind: ClientType = "write", origins=(PAGE,), project="p", open_=False) -> Book:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    client = Client(ID, project, "c", kind, hash_secret(SECRET), tuple(origins), open_, made, revoked=False)
    return Book({ID: client})


@pytest.mark.parametrize(
    ("credentials", "clients", "outcome"),
    [
        (Credentials(ID, SECRET, ""), book(), "trusted"),
        (Credentials(ID, SECRET, "https://evil.example"), book(), "trusted"),
        (Credentials(ID, SECRET, ""), book("root"), "trusted"),
        (Credentials(ID, "", PAGE), book(), "known"),
        (Credentials(ID, "wrong", PAGE), book(), "known"),
        (Credentials(ID, "", PAGE), book("root"), "known"),
        (Credentials(ID, "", ""), book(open_=True), "known"),
        (Credentials(ID, "wrong", ""), book(open_=True), "known"),
        (Credentials(ID.upper(), SECRET, ""), book(), "Invalid client id"),
        (Credentials("", SECRET, PAGE), book(), "Missing client id"),
        (Credentials("nobody", SECRET, PAGE), book(), "Client ID must be a valid UUIDv4"),
        (Credentials("é" * 36, SECRET, PAGE), book(), "Client ID must be a valid UUIDv4"),
        (Credentials(ID.replace("-", "_"), SECRET, ""), book(), "Client ID must be a valid UUIDv4"),
        (Credentials(ID.replace("a", "g"), SECRET, ""), book(), "Client ID must be a valid UUIDv4"),
        (Credentials("x" + ID[1:], SECRET, ""), book(), "Client ID must be a valid UUIDv4"),
        (Credentials(ID[:-1] + "2", SECRET, PAGE), book(), "Invalid client id"),
        (Credentials(ID, SECRET, PAGE), book(project=""), "Client has no project"),
        (Credentials(ID, "", ""), book(), "Invalid cors or secret"),
        (Credentials(ID, "wrong", ""), book(), "Invalid cors or secret"),
        (Credentials(ID, SECRET + "x", ""), book(), "Invalid cors or secret"),
        (Credentials(ID, "", f"{PAGE}.evil.example"), book(), "Invalid cors or secret"),
        (Credentials(ID, "", "null"), book(), "Invalid cors or secret"),
        (Credentials(ID, "", PAGE), book(origins=()), "Invalid cors or secret"),
        (Credentials(ID, "", "https://a.shop.example"), book(origins=("https://*.shop.example",)), "known"),
        (Credentials(ID, "", "https://any.example"), book(origins=("*",)), "known"),
        (Credentials(ID, SECRET, ""), book("read"), "A read client cannot send events; use a write client"),
        (Credentials(ID, "", PAGE), book("read"), "A read client cannot send events; use a write client"),
        (Credentials(ID, "wrong", ""), book("read"), "Invalid cors or secret"),
    ],
)
def test_who_is_let_in(credentials, clients, outcome):
    found = admit(credentials, clients)
    if isinstance(found, Admission):
        assert outcome == ("trusted" if found.trusted else "known")
    else:
        assert isinstance(found, Refusal)
        assert found.message == outcome
        assert found.code == ("client_type" if "read client" in outcome else "credentials")
