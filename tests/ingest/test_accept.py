"""From admitted bodies to one durable record, and the ids in the answer."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from eventlens.accounts.clients import Client
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.networks import NetworkDatabase
from eventlens.errors import QueueFull, Unavailable
from eventlens.events import Identify, Track, unpack
from eventlens.ingest.accept import Collector
from eventlens.ingest.admit import Admission
from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.keys import session_key
from eventlens.ingest.log_lines import ImportedView
from eventlens.ingest.payload import read_batch, read_body, read_payload
from eventlens.ingest.presence import Presence
from eventlens.ingest.senders import Sender
from eventlens.queues.sqlite import SqliteQueue
from eventlens.sessions import session_name
from tests.support.mmdb import write_mmdb
from tests.support.pipeline import HOUR, MINUTE, NOW, HeldClock

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
IP = "203.0.113.77"
HOME = Sender(IP, BROWSER)


class Door:
    """A collector over a real queue, and what has come out of it."""

    def __init__(self, path, geo: GeoDatabase) -> None:
        self.path = path
        self.clock = HeldClock()
        self.queue = SqliteQueue(path / "queue.db", clock=self.clock)
        self.presence = Presence()
        devices = DeviceIds(lambda day: f"salt of {day}".encode(), self.presence.seen_before, b"import")
        asn = {"autonomous_system_number": 16509, "autonomous_system_organization": "A Cloud"}
        networks = NetworkDatabase.open(write_mmdb(path / "asn.mmdb", {"198.51.101.0/24": asn}, "ASN"))
        self.collector = Collector(self.queue, geo, devices, self.presence, self.clock, networks)
        made = datetime(2026, 1, 1, tzinfo=UTC)
        self.client = Client(
            "c", "p", "", "write", "", (), ignore_cors_and_secret=False, created_at=made, revoked=False
        )

    def send(self, *bodies: Any, sender: Sender = HOME, trusted: bool = False):
        return asyncio.run(self.sending(*bodies, sender=sender, trusted=trusted))

    async def sending(self, *bodies: Any, sender: Sender = HOME, trusted: bool = False):
        raw = json.dumps(bodies[0] if len(bodies) == 1 else bodies).encode()
        read = [read_body(raw)] if len(bodies) == 1 else read_batch(raw, lines=False, limit=100)
        assert isinstance(read, list)
        return await self.collector.collect(Admission(self.client, trusted), read, sender, raw)

    def envelopes(self) -> list[Any]:
        claim = self.queue.claim(10_000)
        if claim is None:
            return []
        self.queue.acknowledge(claim)
        return [envelope for record in claim.records for envelope in unpack(record.body)]

    def commands(self) -> list[Any]:
        return [command for envelope in self.envelopes() for command in envelope.commands]


@pytest.fixture(scope="module")
def geo(tmp_path_factory):
    opened = GeoDatabase.open(None, tmp_path_factory.mktemp("geo"))
    yield opened
    opened.close()


@pytest.fixture
def door(tmp_path, geo):
    made = Door(tmp_path, geo)
    yield made
    made.queue.close()


def event(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "payload": {"name": "screen_view", **fields}}


def test_an_answer_has_the_ids_that_are_stored(door):
    answer = door.send(event(deviceId="phone"))
    assert (answer.accepted, answer.refusals, answer.device_id) == (1, [], "phone")
    assert answer.session_id == session_name("p", session_key("", "phone", ""), NOW)
    (command,) = door.commands()
    assert (command.device_id, command.timestamp) == ("phone", NOW)


def test_without_a_device_one_is_computed_and_stays_for_the_day(door):
    first = door.send(event())
    door.clock.now += 20 * MINUTE
    second = door.send(event())
    assert len(first.device_id) == 32
    assert (second.device_id, second.session_id) == (first.device_id, first.session_id)
    assert door.send(event(), sender=Sender("203.0.113.78", BROWSER)).device_id != first.device_id


def test_a_session_id_of_the_client_is_believed(door):
    assert door.send(event(sessionId="visit")).session_id == "visit"


def test_the_ids_are_those_of_the_last_event(door):
    assert door.send(event(deviceId="a"), event(deviceId="b")).device_id == "b"


@pytest.mark.parametrize("agent", ["node", "axios/1.6", "python-requests/2.31", "curl/8.0", ""])
def test_servers_have_no_device(door, agent):
    answer = door.send(event(id="1"), sender=Sender(IP, agent))
    assert (answer.device_id, answer.session_id) == ("", "")
    answer = door.send(event(id="2", profileId="ada"), sender=Sender(IP, agent))
    assert answer.device_id == ""
    assert len(answer.session_id) == 22
    assert door.send(event(id="3", deviceId="d"), sender=Sender(IP, agent)).device_id == "d"


def test_one_bad_event_never_sinks_the_rest(door):
    answer = door.send(event(name=""), event(), {"type": "alias", "payload": {}}, event())
    assert answer.accepted == 2
    assert [(index, refusal.field) for index, refusal in answer.refusals] == [
        (0, "payload/name"),
        (2, "payload/profileId"),
    ]
    assert len(door.commands()) == 2


def test_nothing_acceptable_is_nothing_in_the_queue(door):
    assert door.send(event(name="")).accepted == 0
    assert door.envelopes() == []


def test_addresses_and_secrets_never_reach_the_disk(door):
    body = event(properties={"__ip": IP, "plan": "pro"}) | {"clientId": "c", "clientSecret": "sec_hidden"}
    door.send(body)
    door.collector.collect_import("p", "log", [ImportedView("1", NOW, IP, BROWSER, "/", "", everything=True)])
    files = b"".join(file.read_bytes() for file in door.path.iterdir())
    assert b"pro" in files
    assert IP.encode() not in files
    assert b"sec_hidden" not in files
    assert bytes(map(int, IP.split("."))) not in files


def test_places_are_looked_up_before(door):
    door.send(event(), sender=Sender("8.8.8.8", BROWSER, "web", "1.4.1"))
    (envelope,) = door.envelopes()
    assert envelope.context.country == "US"
    assert (envelope.context.sdk, envelope.context.sdk_version) == ("web", "1.4.1")


def test_bots_are_accepted_and_marked_unless_they_know_the_secret(door):
    bot = Sender(IP, GOOGLEBOT)
    answer = door.send(event(id="1"), sender=bot)
    assert answer.bot is not None
    assert answer.accepted == 1
    assert door.send(event(id="2"), sender=bot, trusted=True).bot is None
    first, second = door.envelopes()
    assert (first.context.excluded, second.context.excluded) == ("bot", "")
    assert first.context.excluded_name


def test_a_program_is_a_bot_unless_an_sdk_speaks_for_it(door):
    assert door.send(event(id="1"), sender=Sender(IP, "Acme/2.1")).bot is not None
    assert door.send(event(id="2"), sender=Sender(IP, "Acme/2.1", "react-native", "1.4.1")).bot is None
    assert door.send(event(id="3"), sender=Sender(IP, "node")).bot is None
    assert [envelope.context.excluded for envelope in door.envelopes()] == ["bot", "", ""]


def test_an_event_may_say_who_it_was(door):
    identify = {"profileId": "ada", "firstName": "Ada"}
    door.send(event(properties={"__identify": identify}, timestamp=NOW - HOUR, deviceId="phone"))
    track, inside = door.commands()
    assert isinstance(track, Track)
    assert isinstance(inside, Identify)
    assert track.profile_id == inside.profile_id == "ada"
    assert (inside.timestamp, inside.device_id) == (NOW - HOUR, "phone")


def test_a_bad_identification_refuses_the_event(door):
    answer = door.send(event(properties={"__identify": {}}))
    assert answer.refusals[0][1].field == "payload/properties/__identify/profileId"
    assert door.commands() == []


# --- twins -----------------------------------------------------------------------------------------


def together(door: Door, *sendings) -> list[Any]:
    async def run():
        return await asyncio.gather(*sendings)

    return asyncio.run(run())


def test_a_twin_within_a_moment_is_answered_alike_and_stored_once(door):
    one, other = together(door, door.sending(event()), door.sending(event()))
    assert one == other
    assert len(door.commands()) == 1


def test_later_it_is_a_new_event(door):
    async def run():
        await door.sending(event())
        await asyncio.sleep(0.12)
        await door.sending(event())

    asyncio.run(run())
    assert len(door.commands()) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"sender": Sender("203.0.113.78", BROWSER)},
        {"sender": Sender(IP, BROWSER + " x")},
        {"trusted": True},
    ],
)
def test_who_differs_is_no_twin(door, other):
    together(door, door.sending(event()), door.sending(event(), **other))
    assert len(door.commands()) == 2


def test_what_differs_is_no_twin(door):
    together(door, door.sending(event(a=1)), door.sending(event(a=2)))
    assert len(door.commands()) == 2


def test_events_with_ids_are_told_apart_by_them(door):
    """The worker drops the repeat, and counts it."""
    together(door, door.sending(event(id="x")), door.sending(event(id="x")))
    assert len(door.commands()) == 2


def test_the_same_bytes_to_increment_and_to_decrement_are_two_things(door):
    raw = b'{"profileId":"ada","property":"n"}'

    def send(kind: str):
        admission = Admission(door.client, trusted=False)
        return door.collector.collect(admission, [read_payload(kind, raw)], HOME, raw)

    together(door, send("increment"), send("decrement"))
    assert sorted(command.value for command in door.commands()) == [b"-1", b"1"]


def test_a_twin_of_a_failure_fails_and_the_next_one_is_tried_again(door, monkeypatch):
    def full(body: bytes, events: int, settled: Any, *_: Any) -> None:
        asyncio.get_running_loop().call_later(0.01, settled, QueueFull())

    with monkeypatch.context() as patch:
        patch.setattr(door.queue, "append_soon", full)

        async def both():
            return await asyncio.gather(door.sending(event()), door.sending(event()), return_exceptions=True)

        assert [type(each) for each in asyncio.run(both())] == [QueueFull, QueueFull]
    assert door.send(event()).accepted == 1
    assert len(door.commands()) == 1


def test_a_twin_of_what_could_not_even_begin_is_tried_on_its_own(door, monkeypatch):
    def unanswered(*_: Any) -> str:
        raise Unavailable("The catalog does not answer.")

    async def both():
        sendings = asyncio.gather(door.sending(event()), door.sending(event()), return_exceptions=True)
        return await asyncio.wait_for(sendings, 5)

    with monkeypatch.context() as patch:
        patch.setattr(door.collector._devices, "compute", unanswered)
        assert [type(each) for each in asyncio.run(both())] == [Unavailable, Unavailable]
    assert door.send(event()).accepted == 1


CLOUD = "198.51.101.7"


def test_a_browser_in_a_data_centre_is_counted_apart(door):
    assert door.send(event(), sender=Sender(CLOUD, BROWSER)).accepted == 1
    (envelope,) = door.envelopes()
    assert (envelope.context.excluded, envelope.context.excluded_name) == ("data_centre", "A Cloud")


@pytest.mark.parametrize(("agent", "trusted"), [("node", False), (BROWSER, True)])
def test_a_server_belongs_into_a_data_centre_and_a_secret_is_believed(door, agent, trusted):
    door.send(event(deviceId="d"), sender=Sender(CLOUD, agent), trusted=trusted)
    (envelope,) = door.envelopes()
    assert envelope.context.excluded == ""


# --- logs ------------------------------------------------------------------------------------------


def line(number: int, agent: str = BROWSER, *, everything: bool = False) -> ImportedView:
    return ImportedView(str(number), NOW - HOUR + number, IP, agent, f"/{number}", "-", everything)


def test_log_lines_are_queued_with_their_source(door):
    assert door.collector.collect_import("p", "log-1", (line(number) for number in range(1_200))) == 1_200
    envelopes = door.envelopes()
    assert len(envelopes) == 1_200
    assert {envelope.context.source for envelope in envelopes} == {"log-1"}
    assert len({envelope.commands[0].device_id for envelope in envelopes}) == 1


def test_bots_in_logs_are_marked_unless_everything_is_wanted(door):
    door.collector.collect_import("p", "log", [line(1, GOOGLEBOT), line(2, GOOGLEBOT, everything=True)])
    first, second = door.envelopes()
    assert (first.context.excluded, first.context.outside_sessions) == ("bot", False)
    assert (second.context.excluded, second.context.outside_sessions) == ("", True)


def test_a_log_from_the_future_happens_now(door):
    door.collector.collect_import("p", "log", [line(2 * HOUR)])
    assert [command.timestamp for command in door.commands()] == [NOW]
