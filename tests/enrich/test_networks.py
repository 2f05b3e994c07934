from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich import networks
from eventlens.enrich.networks import NO_NETWORK, Network, NetworkDatabase, is_hosting

DATA = Path(__file__).parent / "data"
ASN = DATA / "GeoLite2-ASN-Test.mmdb"


@pytest.fixture(scope="module")
def database():
    opened = NetworkDatabase.open(ASN)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("1.0.0.1", Network(15169, "Google Inc.")),
        ("::ffff:1.0.0.1", Network(15169, "Google Inc.")),
        ("12.81.92.5", Network(7018, "AT&T Services")),
        ("12.81.96.1", Network(7018, "")),
        ("2600:7000::1", Network(6939, "Hurricane Electric, Inc.")),
        ("8.8.8.8", NO_NETWORK),
        ("10.0.0.1", NO_NETWORK),
        ("", NO_NETWORK),
        ("x" * 100, NO_NETWORK),
    ],
)
def test_looks_up(database, ip, network):
    assert database.look_up(ip) == network


def test_describes_itself(database):
    assert database.warning is None
    assert database.description.startswith("GeoLite2-ASN of 20")


def test_without_a_file_nothing_is_known_and_nothing_is_wrong():
    database = NetworkDatabase.open(None)
    assert (database.warning, database.description) == (None, "none")
    assert database.look_up("1.0.0.1") == NO_NETWORK
    database.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (DATA / "missing.mmdb", "does not exist"),
        (DATA, "cannot be read"),
        (DATA / "NOTICE.md", "is no readable .mmdb file"),
        (DATA / "GeoIP2-City-Test.mmdb", "holds no networks (ASNs) (its type is 'GeoIP2-City')"),
    ],
)
def test_an_unusable_file_is_a_warning(path, words):
    database = NetworkDatabase.open(path)
    assert database.warning is not None
    assert database.warning.startswith("EVENTLENS_ASN_DATABASE: ")
    assert words in database.warning
    assert database.look_up("1.0.0.1") == NO_NETWORK
    database.close()


def test_after_closing_nothing_is_known():
    database = NetworkDatabase.open(ASN)
    assert database.look_up("1.0.0.1") != NO_NETWORK
    database.close()
    assert database.look_up("1.0.0.1") == NO_NETWORK
    database.close()


@pytest.mark.parametrize(
    ("record", "network"),
    [
        ({"autonomous_system_number": 3, "autonomous_system_organization": "MIT"}, Network(3, "MIT")),
        ({"asn": "AS15169", "as_name": "Google LLC"}, Network(15169, "Google LLC")),
        ({"asn": "15169", "name": "Google LLC"}, Network(15169, "Google LLC")),
        ({"asn": "AS1", "name": "x" * 500}, Network(1, "x" * 128)),
        ({"asn": "ASx", "name": "x"}, NO_NETWORK),
        ({"asn": True}, NO_NETWORK),
        ({"asn": -1}, NO_NETWORK),
        ({"asn": "9" * 30}, NO_NETWORK),
        ({"autonomous_system_number": 5, "autonomous_system_organization": 7}, Network(5, "")),
        ({"country_code": "DE"}, NO_NETWORK),
        (None, NO_NETWORK),
        ("AS1", NO_NETWORK),
    ],
)
def test_records_of_every_schema(record, network):
    assert networks._network(record) == network


@pytest.mark.parametrize(
    "network",
    [
        Network(16509, "Amazon.com, Inc."),
        Network(14061, ""),
        Network(24940, "Hetzner Online GmbH"),
        Network(1, "Example Hosting Ltd"),
        Network(1, "ACME Data Center GmbH"),
        Network(1, "Datacenter Luxembourg S.A."),
        Network(1, "Tokyo Cloud K.K."),
        Network(1, "Fast VPS OU"),
        Network(1, "HOSTINGER-AS"),
        Network(1, "Best Dedicated Servers LLC"),
        Network(63949, "Akamai Connected Cloud"),
    ],
)
def test_hosting(network):
    assert is_hosting(network)


@pytest.mark.parametrize(
    "network",
    [
        NO_NETWORK,
        Network(3320, "Deutsche Telekom AG"),
        Network(7922, "Comcast Cable Communications, LLC"),
        Network(13335, "Cloudflare, Inc."),
        Network(36183, "Akamai Technologies, Inc."),
        Network(54113, "Fastly, Inc."),
        Network(714, "Apple Inc."),
        Network(15169, "Google LLC"),
        Network(22616, "ZSCALER, INC. Cloud"),
        Network(1, "Cloudy Bay Telecom Data Center"),
        Network(1, "Ghost Broadband"),
        Network(1, "Hostivice Municipality"),
        Network(1, "Massachusetts Institute of Technology"),
        Network(1, "Server"),
    ],
)
def test_people(network):
    assert not is_hosting(network)


@given(st.text(max_size=80) | st.ip_addresses().map(str))
def test_never_raises(database, ip):
    network = database.look_up(ip)
    assert network == NO_NETWORK or network.asn > 0
    is_hosting(network)
