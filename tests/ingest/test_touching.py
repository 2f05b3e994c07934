"""Which hours claims touch: all whose answers they change."""

import pytest

from eventlens.events import Alias, Identify
from tests.ingest.touched import hours_since, touches
from tests.support.pipeline import DAY, HOUR, NOW, Pipeline, view


@pytest.mark.parametrize("said", [Identify("ada", NOW, "", "d1", {}), Alias("bob", "ada", NOW)])
def test_whoever_says_who_is_who_touches_the_hour_of_that(pipeline: Pipeline, said):
    """It may give d1, or bob, properties that ada has already; no event and no property comes with it."""
    pipeline.send(view(NOW - DAY), Identify("ada", NOW - DAY, "", "", {"plan": b'"pro"'}))
    before = touches(pipeline)
    pipeline.send(said)
    assert NOW // HOUR in hours_since(pipeline, before)
    before = touches(pipeline)
    pipeline.send(said)
    if isinstance(said, Identify):  # a repeat says nothing new
        assert hours_since(pipeline, before) == set()
