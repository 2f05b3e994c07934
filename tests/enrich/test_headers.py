import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.bots import Bot
from eventlens.enrich.headers import PREFETCH_TYPE, recognise_request

CHROME = {
    b"host": b"stats.example.org",
    b"sec-ch-ua": b'"Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120"',
    b"sec-ch-ua-mobile": b"?0",
    b"sec-ch-ua-platform": b'"Windows"',
    b"sec-fetch-mode": b"cors",
    b"origin": b"https://example.org",
    b"accept-language": b"de",
}
PREFETCH = Bot("Prefetch", PREFETCH_TYPE)


@pytest.mark.parametrize(
    ("name", "value", "bot"),
    [
        (b"sec-purpose", b"prefetch", PREFETCH),
        (b"sec-purpose", b"prefetch;prerender", None),
        (b"sec-purpose", b"prefetch;anonymous-client-ip", PREFETCH),
        (b"purpose", b"prefetch", PREFETCH),
        (b"purpose", b"Preview", PREFETCH),
        (b"x-purpose", b"preview", PREFETCH),
        (b"x-moz", b"prefetch", PREFETCH),
        (
            b"sec-ch-ua",
            b'"HeadlessChrome";v="120", "Chromium";v="120"',
            Bot("HeadlessChrome", "Browser automation"),
        ),
        (b"x-prerender", b"1", Bot("Prerender", "Browser automation")),
        (b"sec-datadog", b"Request sent by a test", Bot("Datadog Synthetics", "Monitoring")),
        (b"x-datadog-origin", b"synthetics-browser", Bot("Datadog Synthetics", "Monitoring")),
        (b"x-newrelic-synthetics", b"PwcbU", Bot("New Relic Synthetics", "Monitoring")),
        (b"from", b"googlebot(at)googlebot.com", Bot("googlebot.com", "Bot")),
        (b"from", b"crawler@example.org", Bot("example.org", "Bot")),
        (b"signature-agent", b'"https://chatgpt.com"', Bot("chatgpt.com", "AI crawler")),
    ],
)
def test_robots(name, value, bot):
    assert recognise_request({**CHROME, name: value}) == bot


@pytest.mark.parametrize(
    "more",
    [
        {},
        {b"purpose": b"analytics"},
        {b"x-datadog-origin": b"rum"},
        {b"from": b"homepage"},
        {b"sec-purpose": b""},
        {b"sec-gpc": b"1", b"dnt": b"1", b"x-requested-with": b"com.example.app"},
        {b"sec-ch-ua": b""},
    ],
)
def test_people(more):
    assert recognise_request({**CHROME, **more}) is None
    assert recognise_request(more) is None


@given(
    st.dictionaries(
        st.sampled_from([b"purpose", b"from", b"signature-agent", b"sec-ch-ua", b"x-moz", b"x"]),
        st.binary(max_size=80) | st.sampled_from([b"@", b"://", b"\xff@\xff", b"prefetch"]),
    )
)
def test_never_raises_and_is_bounded(headers):
    bot = recognise_request(headers)
    if bot is not None:
        assert 0 < len(bot.name) <= 64
        assert bot.type
