import time

import pytest

from eventlens.accounts.origins import MOST_ORIGINS, origin_allowed, read_origins
from eventlens.errors import InvalidInput


@pytest.mark.parametrize(
    ("listed", "origin", "allowed"),
    [
        ("*", "https://anything.example", True),
        ("*", "null", True),
        ("*", "", False),
        ("https://a.example", "https://a.example", True),
        ("https://a.example", "https://A.example", True),
        ("https://a.example", "http://a.example", False),
        ("https://a.example", "https://a.example:8443", False),
        ("https://a.example", "https://b.a.example", False),
        ("https://a.example", "https://a.example.evil.net", False),
        ("https://a.example", "https://a.example/", True),
        ("http://localhost:5173", "http://localhost:5173", True),
        ("a.example", "https://a.example", True),
        ("a.example", "http://a.example", True),
        ("a.example", "https://xa.example", False),
        ("*.foo.com", "https://a.foo.com", True),
        ("*.foo.com", "https://a.b.foo.com", True),
        ("*.foo.com", "https://foo.com", False),
        ("*.foo.com", "https://a.foo.com.evil.net", False),
        ("*.foo.com", "https://afoo.com", False),
        ("*.foo.com", "https://.foo.com", False),
        ("*.foo.com", "https://a.foo.com:8080", False),
        ("*.foo.com:8080", "https://a.foo.com:8080", True),
        ("https://*.foo.com", "https://a.foo.com", True),
        ("https://*.foo.com", "http://a.foo.com", False),
        ("*.foo.com", "https://*.foo.com", False),
        ("*.foo.com", "https://evil.net/.foo.com", False),
        ("*.foo.com", "https://evil.net#.foo.com", False),
        ("*.foo.com", "https://evil.net\n.foo.com", False),
        ("capacitor://localhost", "capacitor://localhost", True),
        # What is no page of a host says "null": a sandboxed frame, a file, a redirect.
        ("https://a.example", "null", False),
        ("*.foo.com", "null", False),
        ("null", "null", True),
        ("null", "https://null.example", False),
        # The port that a scheme has anyway is not written.
        ("https://a.example:443", "https://a.example", True),
        ("http://a.example:80", "http://a.example", True),
        ("http://a.example:443", "http://a.example", False),
        ("https://a.example:8443", "https://a.example", False),
        ("https://*.foo.com:8443", "https://a.foo.com:8443", True),
        ("https://*.foo.com:8443", "https://a.foo.com", False),
        ("http://[::1]:5173", "http://[::1]:5173", True),
        # Browsers write other letters in Punycode.
        ("https://bücher.example", "https://xn--bcher-kva.example", True),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example", True),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", True),
        ("*.straße.example", "https://www.xn--strae-oqa.example", True),
        ("*.straße.example", "https://www.strasse.example", False),
        ("bücher.example:8080", "http://xn--bcher-kva.example:8080", True),
        ("https://例え。テスト", "https://xn--r8jz45g.xn--zckzah", True),
        ("https://p\u0430ypal.example", "https://paypal.example", False),
        # As far as what comes before and after is concerned, anchored.
        ("https://a.example", "https://user@a.example", False),
        ("https://a.example", "https://a.example@evil.net", False),
        ("https://a.example", "https://evil.net/https://a.example", False),
        ("https://a.example", "https://a.example.", False),
        ("*.foo.com", "https://foo.com.evil.net", False),
        ("*.foo.com", "https://evil-foo.com", False),
        ("*.foo.com", "https://a.foo.com:evil.net", False),
        ("*.foo.com", "https://a.foo.com https://evil.net", False),
        ("*.foo.com", "https://" + "a." * 200 + "foo.com", False),
    ],
)
def test_origins(listed: str, origin: str, allowed: bool):
    assert origin_allowed(read_origins([listed]), origin) is allowed


def test_no_origins_allow_none():
    assert not origin_allowed([], "https://a.example")


@pytest.mark.parametrize(
    "wrong",
    [
        "", " ", "https://", "https://a.example/path", "https://a.example?x", "https://*.*.example",
        "https://a.*.example", "**", "*.", "*example.com", "a b", "https://a.example:port", "ü b.example",
        "ü/x.example", "https://user@ü.example", "\udc80.example", "x" * 301, "ü" * 300_000,
    ],
)  # fmt: skip  # one screen
def test_what_is_no_origin_is_refused_by_its_place(wrong: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        read_origins(["https://a.example", wrong])
    assert caught.value.field == "origins/1"
    assert time.perf_counter() - begun < 1


def test_origins_are_kept_once_and_in_order() -> None:
    assert read_origins(["*.B.example", "https://A.example/", "https://a.example:443", "*"]) == [
        "*.b.example",
        "https://a.example",
        "*",
    ]


def test_their_number_is_bounded() -> None:
    origins = [f"https://a{number}.example" for number in range(MOST_ORIGINS)]
    assert read_origins(origins) == origins
    with pytest.raises(InvalidInput, match="at most 100"):
        read_origins([*origins, "*"])
