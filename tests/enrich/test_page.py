import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.page import LONGEST_PART, Page, split_page


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://example.com/a/b?x=1&y=2#top", Page("https://example.com", "/a/b", "x=1&y=2", "top")),
        ("https://example.com", Page("https://example.com", "/", "", "")),
        ("https://example.com?x=1", Page("https://example.com", "/", "x=1", "")),
        ("https://example.com#top", Page("https://example.com", "/", "", "top")),
        ("HTTPS://Example.COM/Path", Page("https://example.com", "/Path", "", "")),
        ("https://example.com:443/", Page("https://example.com", "/", "", "")),
        ("http://example.com:80/", Page("http://example.com", "/", "", "")),
        ("http://example.com:8080/", Page("http://example.com:8080", "/", "", "")),
        ("https://example.com.:8443/", Page("https://example.com:8443", "/", "", "")),
        ("https://me:secret@example.com/", Page("https://example.com", "/", "", "")),
        ("http://[::1]:3000/x", Page("http://[::1]:3000", "/x", "", "")),
        ("capacitor://localhost/tabs/home", Page("capacitor://localhost", "/tabs/home", "", "")),
        ("file:///index.html", Page("file://", "/index.html", "", "")),
        ("/a?b=c#d", Page("", "/a", "b=c", "d")),
        ("/a?next=https://other.org/?z#d", Page("", "/a", "next=https://other.org/?z", "d")),
        ("/go/https://other.org/x", Page("", "/go/https://other.org/x", "", "")),
        ("//double/slash", Page("", "//double/slash", "", "")),
        ("Settings", Page("", "Settings", "", "")),
        ("users/:id", Page("", "users/:id", "", "")),
        ("#/route?x", Page("", "", "", "/route?x")),
        ("?x=1", Page("", "", "x=1", "")),
        ("", Page("", "", "", "")),
        ("  /a \n", Page("", "/a", "", "")),
        ("/a\nb\x00c", Page("", "/abc", "", "")),
        ("about:blank", Page("", "about:blank", "", "")),
    ],
)
def test_splits(value, expected):
    assert split_page(value) == expected


@pytest.mark.parametrize("path", ["/caf%C3%A9", "/café", "/a%2Fb", "/a/../b", "/a//b/", "/a;b=c", "/100%"])
def test_paths_stay_as_they_are(path):
    assert split_page(f"https://example.com{path}").path == path


def test_long_parts_are_cut():
    page = split_page("https://" + "h" * 5000 + "/" + "p" * 5000)
    assert len(page.origin) == 280
    page = split_page("/" + "p" * 3000 + "?" + "q" * 3000)
    assert (len(page.path), len(page.query)) == (LONGEST_PART, LONGEST_PART)


@given(st.text(max_size=300) | st.text(alphabet="htps:/?#@[].a\ud800%", max_size=600))
def test_never_raises_and_is_bounded(value):
    page = split_page(value)
    assert max(map(len, page)) <= LONGEST_PART
    assert "#" not in page.origin + page.path + page.query


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z]{1,10}(\.[a-z]{2,5}){1,2}", fullmatch=True),
    st.from_regex(r"(/[A-Za-z0-9%._~-]{0,8}){1,4}", fullmatch=True),
    st.from_regex(r"[a-z0-9=&%/?]{0,20}", fullmatch=True),
    st.from_regex(r"[a-z0-9/?]{0,10}", fullmatch=True),
)
def test_parts_come_back(scheme, host, path, query, fragment):
    url = f"{scheme}://{host}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    assert split_page(url) == Page(f"{scheme}://{host}", path, query, fragment)
