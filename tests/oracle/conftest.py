"""A server for the oracle's thousands of small projects."""

import os

from hypothesis import HealthCheck, Phase, settings

# By default a few dozen streams a test; LENS_ORACLE_EXAMPLES=2000 looks for longer.
settings.register_profile(
    "oracle",
    max_examples=int(os.environ.get("LENS_ORACLE_EXAMPLES", "40")),
    deadline=None,  # a server answers when it answers
    derandomize=os.environ.get("CI") == "true",
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
