import pytest
import re2

from eventlens.enrich.patterns import PatternSet


def test_finds_every_pattern_that_matches():
    patterns = PatternSet(["bot", "^Mozilla", "crawl$", r"\d{3}"], ignore_case=False)
    assert sorted(patterns.search(b"Mozilla/5.0 bot 123")) == [0, 1, 3]
    assert list(patterns.search(b"Bot")) == []
    assert list(patterns.search(b"")) == []


def test_ignores_case_when_told():
    assert list(PatternSet(["bot"], ignore_case=True).search("BÖT BOT".encode())) == [0]


def test_refuses_what_cannot_be_expressed():
    with pytest.raises(re2.error):
        PatternSet(["(?<!a)b"], ignore_case=False)
