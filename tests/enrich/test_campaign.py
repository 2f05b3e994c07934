from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.campaign import (
    NO_CAMPAIGN,
    OTHER_CLICK_IDS,
    PAID_CLICK_IDS,
    Campaign,
    is_paid,
    read_campaign,
    read_ref,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", NO_CAMPAIGN),
        ("a=b&c", NO_CAMPAIGN),
        ("utm_source=", NO_CAMPAIGN),
        ("gclid=", NO_CAMPAIGN),
        ("utm_id=7", NO_CAMPAIGN),
        (
            "utm_source=news&utm_medium=email&utm_campaign=Spring+Sale&utm_term=a%20b&utm_content=top",
            Campaign("news", "email", "Spring Sale", "a b", "top", "", ""),
        ),
        ("UTM_Source=News", Campaign("News", "", "", "", "", "", "")),
        ("utm_source=first&utm_source=second", Campaign("first", "", "", "", "", "", "")),
        ("utm_source=&utm_source=second", Campaign("second", "", "", "", "", "", "")),
        ("utm_source=%20x%20", Campaign("x", "", "", "", "", "", "")),
        ("utm_source=caf%C3%A9", Campaign("café", "", "", "", "", "", "")),
        ("utm_source=100%", Campaign("100%", "", "", "", "", "", "")),
        ("utm_source=a=b", Campaign("a=b", "", "", "", "", "", "")),
        ("utm_source=%ff", Campaign("\N{REPLACEMENT CHARACTER}", "", "", "", "", "", "")),
        ("gclid=abc", Campaign("", "", "", "", "", "gclid", "abc")),
        ("fbclid=f&x=1&gclid=g", Campaign("", "", "", "", "", "gclid", "g")),
        ("fbclid=f&utm_source=ig", Campaign("ig", "", "", "", "", "fbclid", "f")),
        ("ScCid=s", Campaign("", "", "", "", "", "sccid", "s")),
        ("ref=producthunt&source=x&utm_referrer=y", NO_CAMPAIGN),
    ],
)
def test_reads_campaigns(query, expected):
    assert read_campaign(query) == expected


@pytest.mark.parametrize("name", PAID_CLICK_IDS)
def test_paid_click_ids(name):
    campaign = read_campaign(f"x=1&{name}=abc")
    assert (campaign.click_id_name, campaign.click_id) == (name, "abc")
    assert is_paid(campaign)


@pytest.mark.parametrize("name", OTHER_CLICK_IDS)
def test_other_click_ids(name):
    campaign = read_campaign(f"{name}=abc")
    assert campaign.click_id_name == name
    assert not is_paid(campaign)


@pytest.mark.parametrize(
    "medium",
    [
        "cpc",
        "CPC",
        "ppc",
        "paid",
        "paidsocial",
        "paid-search",
        "Paid Social",
        "display",
        "cpm",
        "google_ads",
        "retargeting",
        "social-paid",
        "banner",
    ],
)
def test_paid_mediums(medium):
    assert is_paid(read_campaign(urlencode({"utm_medium": medium})))


@pytest.mark.parametrize(
    "medium", ["", "email", "organic", "social", "referral", "affiliate", "upload", "prepaid"]
)
def test_unpaid_mediums(medium):
    assert not is_paid(read_campaign(urlencode({"utm_medium": medium})))


@pytest.mark.parametrize(
    ("query", "ref"),
    [
        ("", ""),
        ("a=b", ""),
        ("ref=producthunt", "producthunt"),
        ("REF=hn", "hn"),
        ("source=a&ref=b", "b"),
        ("source=a&ref=", "a"),
        ("ref=b&utm_referrer=https%3A%2F%2Fc.org%2F", "https://c.org/"),
        ("ref=1&ref=2", "1"),
        ("preference=x&resource=y", ""),
    ],
)
def test_reads_ref(query, ref):
    assert read_ref(query) == ref


@given(st.text(max_size=400) | st.text(alphabet="utm_sorce=&%+gfblid;\ud800", max_size=2000))
def test_never_raises_and_is_bounded(query):
    campaign = read_campaign(query)
    assert max(map(len, campaign)) <= 256
    assert bool(campaign.click_id) == bool(campaign.click_id_name)
    assert len(read_ref(query)) <= 256
    is_paid(campaign)


VALUES = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)


@given(
    st.dictionaries(
        st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"]), VALUES
    )
)
def test_values_come_back(values):
    campaign = read_campaign(urlencode({"page": "2", **values}, errors="surrogatepass"))
    expected = [values.get(f"utm_{field}", "") for field in Campaign._fields[:5]]
    assert list(campaign[:5]) == expected


def test_huge_queries_are_cut_short():
    assert read_campaign("&".join(["x=1"] * 300) + "&utm_source=late") == NO_CAMPAIGN
    assert read_campaign("utm_source=early&" + "x" * 1_000_000).source == "early"
