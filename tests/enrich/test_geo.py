import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventlens.enrich import geo
from eventlens.enrich.geo import NOWHERE, GeoDatabase, Place

DATA = Path(__file__).parent / "data"
CITY = DATA / "GeoIP2-City-Test.mmdb"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    database = GeoDatabase.open(None, tmp_path_factory.mktemp("bundled"))
    yield database
    database.close()


@pytest.fixture
def city(tmp_path):
    database = GeoDatabase.open(CITY, tmp_path)
    yield database
    database.close()


@pytest.mark.parametrize(
    ("ip", "country"),
    [
        ("8.8.8.8", "US"),
        ("::ffff:8.8.8.8", "US"),
        ("81.2.69.142", "GB"),
        ("1.1.1.1", "AU"),
        ("2a00:1450::1", "IE"),
        ("2A00:1450:0000::0001", "IE"),
    ],
)
def test_bundled_countries(bundled, ip, country):
    assert bundled.look_up(ip) == Place(country, "", "", None, None)


@pytest.mark.parametrize(
    "ip",
    [
        "",
        "x",
        "10.0.0.1",
        "127.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "8.8.8.8:80",
        "[2a00:1450::1]",
        " 8.8.8.8",
        "8.8.8",
        "08.8.8.8",
        "8.8.8.8" * 1000,
        "\ud800",
        "8\x00",
    ],
)
def test_private_and_invalid_are_nowhere(bundled, ip):
    assert bundled.look_up(ip) == NOWHERE


@given(st.text(max_size=80) | st.ip_addresses().map(str))
def test_never_raises(bundled, ip):
    place = bundled.look_up(ip)
    assert place == NOWHERE or len(place.country) == 2


def test_bundled_describes_itself(bundled):
    assert bundled.warning is None
    assert bundled.description == "country ipvAll of 2026-06-17 (bundled)"


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("81.2.69.142", Place("GB", "England", "London", 51.5142, -0.0931)),
        ("216.160.83.57", Place("US", "Washington", "Milton", 47.2513, -122.3149)),
        ("89.160.20.112", Place("SE", "Östergötland County", "Linköping", 58.4167, 15.6167)),
        ("67.43.156.0", Place("BT", "", "", 27.5, 90.5)),
        ("2001:218::1", Place("JP", "", "", 35.68536, 139.75309)),
        ("2.3.3.1", NOWHERE),  # a continent only
        ("8.8.8.8", NOWHERE),
    ],
)
def test_maxmind_schema(city, ip, place):
    assert city.look_up(ip) == place
    assert city.warning is None
    assert city.description == f"GeoIP2-City of 2026-02-04 ({CITY})"


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"country_code": "FR"}, Place("FR", "", "", None, None)),
        (
            {
                "country_code": "us",
                "state1": "Ohio",
                "state2": "x",
                "city": "Dublin",
                "latitude": 40.1,
                "longitude": -83,
            },
            Place("US", "Ohio", "Dublin", 40.1, -83.0),
        ),
        ({"country_code": "DE", "latitude": "52.5", "longitude": "13.4"}, Place("DE", "", "", 52.5, 13.4)),
        ({"country_code": "DE", "latitude": 52.5}, Place("DE", "", "", None, None)),
        ({"country_code": "DE", "latitude": 91, "longitude": 0}, Place("DE", "", "", None, None)),
        ({"country_code": "DE", "latitude": "x", "longitude": None}, Place("DE", "", "", None, None)),
        ({"country_code": "DE", "city": 7, "state1": "x" * 500}, Place("DE", "x" * 128, "", None, None)),
        ({"country_code": "ZZ"}, NOWHERE),
        ({"country_code": "Germany"}, NOWHERE),
        (
            {"country": {"iso_code": "DE"}, "subdivisions": [{"iso_code": "BE"}]},
            Place("DE", "BE", "", None, None),
        ),
        ({"country": ["DE"], "subdivisions": {}, "city": []}, NOWHERE),
        ({"country": "DE", "subdivisions": {}, "city": []}, Place("DE", "", "", None, None)),
        (
            {"country": "DE", "region": "Hesse", "city": "Kassel", "lat": "51.3", "lng": "9.5"},
            Place("DE", "Hesse", "Kassel", 51.3, 9.5),
        ),
        ({"country": "Germany", "country_code": "DE"}, Place("DE", "", "", None, None)),
        ({"country_code": "GB", "state2": "Kent"}, Place("GB", "Kent", "", None, None)),
        ({"country_code": "US", "state1": "", "region_code": "OH"}, Place("US", "OH", "", None, None)),
        ({}, NOWHERE),
        (None, NOWHERE),
        ("DE", NOWHERE),
        (["DE"], NOWHERE),
    ],
)
def test_records_of_both_schemas(record, place):
    assert geo._place(record) == place


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda tmp: tmp / "missing.mmdb", "missing.mmdb does not exist"),
        (lambda tmp: write(tmp / "empty.mmdb", b""), "empty.mmdb is no readable .mmdb file"),
        (lambda tmp: write(tmp / "text.mmdb", b"<html>" * 100), "text.mmdb is no readable .mmdb file"),
        (
            lambda tmp: write(tmp / "half.mmdb", CITY.read_bytes()[:9000]),
            "half.mmdb is no readable .mmdb file",
        ),
        (lambda tmp: write(tmp / "packed.gz", gzip.compress(CITY.read_bytes())), "packed.gz is no readable"),
        (lambda tmp: tmp, "cannot be read (Is a directory)"),
        (lambda _: DATA / "GeoLite2-ASN-Test.mmdb", "holds no countries (its type is 'GeoLite2-ASN')"),
    ],
)
def test_an_unusable_file_is_a_warning(tmp_path, make, words):
    path = make(tmp_path)
    database = GeoDatabase.open(path, tmp_path / "cache")
    assert database.warning is not None
    assert database.warning.startswith("GEOIP_DATABASE: ")
    assert words in database.warning
    assert "put a .mmdb file" in database.warning
    assert database.look_up("8.8.8.8").country == "US"
    assert database.description.endswith("(bundled)")
    database.close()


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    derandomize=True,
)
@given(
    st.lists(st.tuples(st.integers(0, CITY.stat().st_size - 1), st.integers(0, 255)), min_size=1, max_size=40)
)
def test_a_damaged_file_never_raises(tmp_path, bundled, changes):
    content = bytearray(CITY.read_bytes())
    for position, value in changes:
        content[position] = value
    target = tmp_path / "damaged.mmdb"
    target.unlink(missing_ok=True)
    target.write_bytes(content)
    database = GeoDatabase.open(target, tmp_path / "cache")
    for ip in ("81.2.69.142", "2001:218::1", "8.8.8.8"):
        assert isinstance(database.look_up(ip), Place)
    database.close()


def unpacked(cache):
    return [file.name for file in cache.iterdir()]


def test_unpacks_once(tmp_path):
    GeoDatabase.open(None, tmp_path).close()
    (file,) = tmp_path.iterdir()
    before = file.stat()
    GeoDatabase.open(None, tmp_path).close()
    after = file.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def cut(content):
    return content[: len(content) // 2]


def damage(content):
    return content[:5000] + bytes(1000) + content[6000:]


@pytest.mark.parametrize("spoil", [cut, damage, lambda _: b""])
def test_replaces_a_spoilt_unpacking(tmp_path, spoil):
    GeoDatabase.open(None, tmp_path).close()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(spoil(whole))
    database = GeoDatabase.open(None, tmp_path)
    assert database.warning is None
    assert database.look_up("8.8.8.8").country == "US"
    assert file.read_bytes() == whole
    assert unpacked(tmp_path) == [file.name]
    database.close()


def test_several_may_unpack_at_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        databases = list(pool.map(lambda _: GeoDatabase.open(None, tmp_path / "new" / "cache"), range(4)))
    assert {database.look_up("8.8.8.8").country for database in databases} == {"US"}
    assert len(unpacked(tmp_path / "new" / "cache")) == 1
    for database in databases:
        database.close()


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    database = GeoDatabase.open(None, blocked / "cache")
    assert database.warning is not None
    assert "Make the directory writable" in database.warning
    assert database.look_up("8.8.8.8").country == "US"
    database.close()
    assert database.look_up("8.8.4.4") == NOWHERE


def test_after_closing_everything_is_nowhere(tmp_path):
    database = GeoDatabase.open(CITY, tmp_path)
    assert database.look_up("81.2.69.142") != NOWHERE
    database.close()
    assert database.look_up("81.2.69.142") == NOWHERE
    database.close()
