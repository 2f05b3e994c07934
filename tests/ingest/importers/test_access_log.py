"""Reading access logs: what a line says, what counts as a page view, which id a line gets."""

import gzip
from pathlib import Path

import pytest

from eventlens.ingest.importers.access_log import (
    LineIds,
    LogLine,
    bot_views,
    first_line,
    host_of,
    is_asset,
    own_host,
    parse_line,
    read_lines,
    skip_reason,
)

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


def log_line(
    request: str = "GET /a HTTP/1.1", status: int = 200, referrer: str = "-", agent: str = CHROME
) -> str:
    return f'203.0.113.9 - - [17/May/2015:10:05:03 +0200] "{request}" {status} 12 "{referrer}" "{agent}"'


def parsed(*args, **kwargs) -> LogLine:
    line = parse_line(log_line(*args, **kwargs))
    assert line is not None
    return line


def test_combined_format():
    line = parse_line(log_line("GET /a?b=c HTTP/1.1", 304, "https://example.org/x"))
    assert line == LogLine(
        "203.0.113.9", 1431849903000, "GET", "/a?b=c", 304, "https://example.org/x", CHROME
    )


def test_common_format_has_neither_referrer_nor_user_agent():
    line = parse_line('::1 - frank [10/Oct/2000:13:55:36 -0700] "GET /x.gif HTTP/1.0" 200 2326')
    assert line == LogLine("::1", 971211336000, "GET", "/x.gif", 200, "", "")


def test_a_cut_user_agent_is_kept_as_far_as_it_goes():
    line = parse_line(log_line(agent="Mozilla/5.0 (compatible; Some").rstrip('"'))
    assert line is not None
    assert line.user_agent == "Mozilla/5.0 (compatible; Some"


def test_more_fields_than_combined_are_ignored():
    line = parse_line(log_line() + ' "10.0.0.1" 0.004')
    assert line is not None
    assert line.user_agent == CHROME


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"Say \"hi\"", 'Say "hi"'),
        (r"Say \x22hi\x22", 'Say "hi"'),
        (r"caf\xc3\xa9", "café"),
        (r"a\\b", r"a\b"),
        (r"broken \xc3 byte", "broken \N{REPLACEMENT CHARACTER} byte"),
    ],
)
def test_escapes_of_both_servers(written, meant):
    assert parsed(agent=written).user_agent == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        log_line(request="-"),
        log_line(request=r"\x16\x03\x01"),
        log_line().replace("May", "Mai"),
        log_line().replace("17/May", "32/May"),
        '203.0.113.9 - - [17/May/2015:10:05:03 +0200] "GET /cut',
        "[" * 100_000,
    ],
)
def test_what_is_no_request_is_not_parsed(text):
    assert parse_line(text) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (parsed(), None),
        (parsed(status=304), None),
        (parsed("POST /a HTTP/1.1"), "method"),
        (parsed("HEAD /a HTTP/1.1"), "method"),
        (parsed(status=404), "status"),
        (parsed(status=301), "status"),
        (parsed(status=206), "status"),
        (parsed("GET /a.css?v=3 HTTP/1.1"), "asset"),
        (parsed(agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), "bot"),
        (parsed(agent="curl/8.5.0"), "bot"),
        (parsed(agent="python-requests/2.31"), "bot"),
        (parsed("POST /a.css HTTP/1.1", 404, agent="curl/8.5.0"), "method"),
    ],
)
def test_skip_reason(line, reason):
    assert skip_reason(line) == reason


@pytest.mark.parametrize(
    "target",
    ["/style.css", "/I.PNG", "/robots.txt", "/favicon.ico", "/sitemap.xml", "/feed", "/blog/feed/",
     "/?flav=rss20", "/a?x=1&feed=atom", "/.well-known/security.txt", "/x/report.pdf", "/files/a.tar.gz"],
)  # fmt: skip
def test_assets(target):
    assert is_asset(target)


@pytest.mark.parametrize(
    "target",
    ["/", "/blog", "/blog/", "/a.html", "/a.xhtml", "/x.php?id=3", "/v1.2/", "/css/", "/feedback", "/png"],
)
def test_pages(target):
    assert not is_asset(target)


def test_equal_lines_are_different_events_and_a_second_reading_gives_the_same_ids():
    lines = [b"a\n", b"b\n", b"a\r\n", b"a"]
    first, second = LineIds(), LineIds()
    ids = [first.id_of(line) for line in lines]
    assert len(set(ids)) == 4
    assert [second.id_of(line) for line in lines] == ids


@pytest.mark.parametrize("packed", [False, True])
def test_read_lines_plain_and_packed(tmp_path: Path, packed):
    content = b"one\n\ntwo\r\nthree"
    path = tmp_path / "access.log"
    path.write_bytes(gzip.compress(content) if packed else content)
    seen: list[int] = []
    assert [line.rstrip() for line in read_lines(path, seen.append)] == [b"one", b"two", b"three"]
    assert seen


def test_the_first_line_is_the_first_that_is_not_empty(tmp_path: Path):
    path = tmp_path / "access.log"
    path.write_text("\n \nhello\n")
    assert first_line(path) == 3
    path.write_text("")
    assert first_line(path) == 0


def test_bots_up_to_the_last_view_that_was_there_are_not_sent_again():
    bot, person = log_line(agent="curl/8.5.0").encode(), log_line().encode()
    lines = [bot, person, bot, person, bot]
    assert [len(list(bot_views(lines, before))) for before in (0, 1, 2)] == [3, 1, 0]


def test_a_cut_gzip_file_is_an_error_not_a_short_log(tmp_path: Path):
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(b"one\n" * 100_000)[:-40])
    with pytest.raises(OSError, match="ends too early"):
        list(read_lines(path))


def test_a_damaged_gzip_file_is_an_error(tmp_path: Path):
    path = tmp_path / "access.log.gz"
    packed = bytearray(gzip.compress(b"".join(b"%d\n" % number for number in range(100_000))))
    packed[len(packed) // 2 : len(packed) // 2 + 100] = b"\xff" * 100
    path.write_bytes(packed)
    with pytest.raises(OSError, match=r"damaged|CRC"):
        list(read_lines(path))


def test_own_host_is_who_embeds_the_style_sheets():
    own = log_line("GET /a.css HTTP/1.1", referrer="http://www.example.org/page")
    other = log_line("GET /b HTTP/1.1", referrer="https://www.google.com/")
    assert own_host(line.encode() for line in [own, other, other, other]) == "example.org"
    assert own_host([other.encode()]) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org:8080/x", "example.org"),
        ("example.org", "example.org"),
        ("", ""),
        ("http://[::1", ""),
    ],
)
def test_host_of(url, host):
    assert host_of(url) == host
