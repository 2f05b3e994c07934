import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.hosts import clean_host, parents, without_www


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.Org.", "example.org"),
        ("example.org:8080", "example.org"),
        ("me:secret@example.org:1", "example.org"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("XN--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("a_b.example.org", "a_b.example.org"),
        ("localhost", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[2001:db8::1]:80", "[2001:db8::1]"),
        ("[2001:db8::1", "[2001:db8::1]"),
        ("[nonsense]", ""),
        ("", ""),
        (".", ""),
        ("..", ""),
        ("a..b", ""),
        (".a.b", ""),
        ("exa mple.org", ""),
        ("<script>", ""),
        ("ü" * 300 + ".de", ""),
        ("a" * 254, ""),
        ("-a.org", ""),
    ],
)
def test_clean_host(authority, host):
    assert clean_host(authority) == host


@given(st.text(max_size=300) | st.text(alphabet="aü.:@[]-\ud800。", max_size=80))
def test_never_raises_and_cleaning_twice_changes_nothing(authority):
    host = clean_host(authority)
    assert len(host) <= 253
    assert host.isascii()
    assert clean_host(host) == host


def test_parents():
    assert parents("a.b.c.org") == ["a.b.c.org", "b.c.org", "c.org"]
    assert parents("org") == ["org"]
    assert len(parents(".".join("a" * 120))) == 8


def test_without_www():
    assert without_www("www.example.org") == "example.org"
    assert without_www("wwww.example.org") == "wwww.example.org"
