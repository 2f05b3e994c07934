"""Random streams of commands: few devices and profiles, times near every edge that has ever hurt anybody."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.conditions import PROPERTIES
from tests.oracle.model import GAP, VIEW, Sent

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

ZONES: dict[str, tuple[str, ...]] = {
    "UTC": ("2024-02-29T00:00:00", "2024-05-01T00:00:00"),
    "Asia/Kathmandu": ("2024-01-31T18:15:00", "2024-03-03T18:15:00"),
    "Australia/Lord_Howe": ("2024-04-06T15:00:00", "2024-10-05T15:30:00"),
    "America/Santiago": ("2024-04-07T03:00:00", "2024-09-08T04:00:00"),
    "America/Havana": ("2024-03-10T05:00:00", "2024-11-03T05:00:00"),
    "Europe/Berlin": ("2024-03-31T01:00:00", "2024-10-27T01:00:00"),
}
"""Zone → instants (UTC) around which things happen: daylight saving changes, ends of days and months."""

GAPS = (0, 1, SECOND, 59 * SECOND, 10 * MINUTE, GAP - 1, GAP, GAP + 1, HOUR, 5 * HOUR, DAY)
SHIFTS = (-26 * HOUR, -2 * HOUR, -GAP, -1, 0, 1, GAP, HOUR, 23 * HOUR)
DEVICES = ("tablet", "phone", "desk")
PROFILES = ("ada", "bob", "cy")
PATHS = ("/", "/a", "/b")
SOURCES = ("", "", "news", "mail")
REFERRERS = ("", "", "https://blog.example.net/post", "https://forum.example.org/")
GROUPS = ("acme", "10", "zoo", "ada")
TRAITS = ("coins", "coins", "stats", "stats.wins", "stats.losses")
STEPS = (1, 2, 0.1, 0.2, 2.5, 10**15)
TRAIT_VALUES = (0, 1, 0.1, -2.5, "many", True, None, [1], {"wins": 3}, {})
traits: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(TRAITS), st.sampled_from(TRAIT_VALUES), max_size=2
)
"""What an identification says of a profile."""
carried = st.none() | st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in PROPERTIES.items()}
)
"""What an event carries."""


class Stream(NamedTuple):
    """What is sent for one project, in order, and how it is cut into requests."""

    zone: str
    sent: list[Sent]
    batch: int
    apart: bool
    """The worker takes each request for itself."""
    told_first: bool = False

    def stages(self) -> list[list[Sent]]:
        """What is sent and applied before the next: events without a device come last, all at once.

        Which session they join depends on what is known when they are processed. So do the groups of events:
        where there are any, who belongs to them comes first.
        """
        guests = [command for command in self.sent if command.kind == "track" and not command.device]
        before = [command for command in self.sent if self.told_first and command.kind != "track"]
        return [before, [each for each in self.sent if each not in guests and each not in before], guests]


@st.composite
def walks(draw: st.DrawFn, zone: str) -> list[tuple[int, str]]:
    """(time, device) of some events: each device goes its way from an edge with gaps that matter."""
    found: list[tuple[int, str]] = []
    for device in draw(st.lists(st.sampled_from(DEVICES), min_size=1, max_size=3, unique=True)):
        edge = datetime.fromisoformat(draw(st.sampled_from(ZONES[zone]))).replace(tzinfo=UTC)
        at = int(edge.timestamp() * 1000) + draw(st.sampled_from(SHIFTS))
        for gap in draw(st.lists(st.sampled_from(GAPS), min_size=1, max_size=8)):
            at += gap
            found.append((at, device))
    return found


@st.composite
def events(draw: st.DrawFn, at: int, device: str, number: int, mode: str) -> Sent:
    """One event. In mode `named` some carry their own session id; in mode `server` some have no device."""
    profile = draw(st.sampled_from(("", "", "", *PROFILES)))
    name = draw(st.sampled_from((VIEW, VIEW, "click")))
    extra: dict[str, Any] = {}
    if mode == "named" and draw(st.booleans()):
        extra["session"] = draw(st.sampled_from(("visit-1", "visit-2")))
    if mode == "groups":
        extra["groups"] = tuple(draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True)))
    if mode in {"server", "groups"} and draw(st.integers(0, 2)) == 0:
        return Sent("track", at, f"e{number}", name="charge", profile=profile)
    return Sent(
        kind="track",
        at=at,
        id=f"e{number}",
        name=name,
        device=device,
        profile=profile,
        path=draw(st.sampled_from(PATHS)),
        referrer=draw(st.sampled_from(REFERRERS)),
        utm_source=draw(st.sampled_from(SOURCES)),
        title=draw(st.sampled_from(("", "T1", "T2"))),
        properties=draw(carried),
        **extra,
    )


@st.composite
def identities(draw: st.DrawFn, times: list[int], most: int) -> list[Sent]:
    """Some identify, increment and alias calls, at any of the events' times."""
    found: list[Sent] = []
    for number in range(draw(st.integers(0, most))):
        at = draw(st.sampled_from(times)) + draw(st.sampled_from((-HOUR, -1, 0, 1)))
        kind = draw(st.sampled_from(("identify", "identify", "alias", "increment", "decrement")))
        if kind == "identify":
            device, profile = draw(st.sampled_from(("", *DEVICES))), draw(st.sampled_from(PROFILES))
            stated = draw(st.none() | traits)
            call = Sent(kind, at, f"i{number}", device=device, profile=profile, properties=stated)
            found.append(call)
        elif kind != "alias":
            profile, name = draw(st.sampled_from(PROFILES)), draw(st.sampled_from(TRAITS))
            step = draw(st.sampled_from(STEPS))
            found.append(Sent(kind, at, f"i{number}", profile=profile, property=name, value=step))
        else:
            profile, alias = draw(st.sampled_from(PROFILES)), draw(st.sampled_from((*PROFILES, "dee")))
            found.append(Sent("alias", at, f"i{number}", profile=profile, alias=alias))
    return found


@st.composite
def assignments(draw: st.DrawFn, times: list[int]) -> list[Sent]:
    """Who belongs to which groups, and since when."""
    found: list[Sent] = []
    for number in range(draw(st.integers(1, 4))):
        at = draw(st.sampled_from(times)) + draw(st.sampled_from((-DAY, -1, 0, 1)))
        groups = tuple(draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True)))
        profile, device = draw(st.sampled_from(PROFILES)), draw(st.sampled_from(DEVICES))
        if draw(st.booleans()):
            found.append(Sent("assign_group", at, f"g{number}", groups=groups, profile=profile))
        else:
            found.append(Sent("assign_group", at, f"g{number}", groups=groups, device=device))
    return found


@st.composite
def crowds(draw: st.DrawFn, zone: str, mode: str) -> list[Sent]:
    """What a few devices and profiles do and what is said of them, in no order yet."""
    walk = draw(walks(zone))
    sent = [draw(events(at, device, number, mode)) for number, (at, device) in enumerate(walk)]
    sent += draw(identities([at for at, _ in walk], 10 if mode == "profiles" else 3))
    if mode == "groups":
        sent += draw(assignments([at for at, _ in walk]))
    return sent


def renamed(command: Sent, crowd: int) -> Sent:
    """The same of others: nobody is of two crowds. The first keeps its names."""
    if crowd == 0:
        return command
    names = {name: getattr(command, name) for name in ("id", "device", "profile", "alias", "session")}
    return replace(command, **{name: f"{value}.{crowd}" for name, value in names.items() if value})


@st.composite
def streams(draw: st.DrawFn, mode: str = "plain", most: int = 1) -> Stream:
    """A whole stream: in order or not, some of it sent twice with the same ids, in batches of any size.

    It is of up to `most` crowds, so that one question asks about several cases: asking is what costs, and
    what is wrong of one crowd is wrong of all together.
    """
    zone = draw(st.sampled_from(sorted(ZONES)))
    sent = [
        renamed(command, crowd)
        for crowd in range(draw(st.integers(1, most)))
        for command in draw(crowds(zone, mode))
    ]
    order = draw(st.sampled_from(("shuffled", "shuffled", "in order", "backwards")))
    if order == "shuffled":
        sent = draw(st.permutations(sent))
    else:
        sent = sorted(sent, key=lambda command: command.at, reverse=order == "backwards")
    again = draw(st.lists(st.sampled_from(sent), max_size=3))
    for command in again:
        sent = [*sent]
        sent.insert(draw(st.integers(0, len(sent))), command)
    sent = sorted(sent, key=lambda command: command.kind == "track" and not command.device)
    requests = draw(st.sampled_from((1, 2, 3, 6)))
    if mode == "groups":
        sent = sorted(sent, key=lambda command: command.kind == "track")
        return Stream(zone, sent, len(sent), apart=False, told_first=True)
    return Stream(zone, sent, 1 + len(sent) // requests, draw(st.booleans()))
