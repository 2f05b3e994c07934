"""Event Lens for servers in Python: events go out in batches from a thread of their own, each counts once."""

from event_lens_sdk.client import Client
from event_lens_sdk.problems import Problem
from event_lens_sdk.shapes import About, Body, Options, Stats
from event_lens_sdk.version import __version__
from event_lens_sdk.visitors import Visitor, current_visitor

__all__ = [
    "About",
    "Body",
    "Client",
    "Options",
    "Problem",
    "Stats",
    "Visitor",
    "__version__",
    "current_visitor",
]
