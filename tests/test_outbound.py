"""Where requests of the server itself may go."""

from ipaddress import ip_network

import pytest

from eventlens.errors import OutboundRefused
from eventlens.outbound import LARGEST, Outbound
from tests.support import web

PRIVATE = """127.0.0.1 localhost 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
[::1] [fe80::1] [fd00::1]
[::ffff:127.0.0.1] [::ffff:10.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [::]""".split()


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(OutboundRefused, match="private address"):
        Outbound().ask("GET", f"http://{host}:1/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://example.com/", "http://", "nonsense"])
def test_only_the_web_is_spoken(url: str) -> None:
    with pytest.raises(OutboundRefused):
        Outbound().ask("GET", url)


def test_what_is_allowed_is_reached_led_nowhere_else_and_bounded() -> None:
    allowed = Outbound((ip_network("127.0.0.0/8"),))

    def answer(asked: web.Asked) -> web.Told:
        if asked.path == "/large":
            return web.Told(b"x" * (LARGEST + 1))
        return web.Told(asked.body, status=302, location="http://127.0.0.1:1/")

    with web.site(answer) as port:
        told = allowed.ask("POST", f"http://127.0.0.1:{port}/a?b=c", {"accept": "*/*"}, b"body")
        assert (told.status, told.body) == (302, b"body")
        with pytest.raises(OutboundRefused, match="too much"):
            allowed.ask("GET", f"http://127.0.0.1:{port}/large")
        with pytest.raises(OutboundRefused, match="private address"):
            Outbound().ask("GET", f"http://127.0.0.1:{port}/")
