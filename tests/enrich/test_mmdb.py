from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.mmdb import as_map, open_configured, public_address, reason

ASN = Path(__file__).parent / "data" / "GeoLite2-ASN-Test.mmdb"


@pytest.mark.parametrize(
    ("ip", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2A00:1450:0000::0001", "2a00:1450::1"),
        ("10.0.0.1", None),
        ("::ffff:10.0.0.1", None),
        ("fe80::1%eth0", None),
        ("", None),
        ("8.8.8.8" * 20, None),
    ],
)
def test_public_addresses(ip, address):
    found = public_address(ip)
    assert (None if found is None else ip_address(str(found))) == (
        None if address is None else ip_address(address)
    )


@pytest.mark.parametrize(
    "ip", ["8.8.8", "8.8.8.8.8", "8.8.8.256", "08.8.8.8", "8.8.8.8\n", "8.8.8.x", "8.8.8.\u0668"]
)
def test_what_is_no_address_is_none(ip):
    assert public_address(ip) is None


@given(st.ip_addresses(v=4))
def test_the_quick_way_knows_what_is_public(address):
    assert (public_address(str(address)) is not None) == address.is_global


def test_a_file_of_another_kind_is_refused_by_name():
    with pytest.raises(ValueError, match=r"holds no colours \(its type is 'GeoLite2-ASN'\)") as caught:
        open_configured(ASN, lambda record: "colour" in as_map(record), "colours")
    assert reason(ASN, caught.value) == str(caught.value)


def test_only_maps_are_maps():
    assert as_map({"a": 1}) == {"a": 1}
    assert as_map("a") == as_map(None) == as_map([1]) == {}
