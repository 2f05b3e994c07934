"""A made-up software product's last weeks, lively enough for a first look and the same for the same seed.

Visitors arrive by hour, weekday and campaign, come back, read, sign up (some of them), use the product and
pay. What they do goes to the queue as if they had sent it; nothing else is special about it.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from eventlens.clock import DAY, HOUR, MINUTE
from eventlens.events import Add, Command, Context, Envelope, Identify, Track, pack

_SECOND = 1_000
SITE = "https://demo.example"
EVENTS = 30_000
"""About as many events are made."""
_VISITS_PER_RECORD = 200


class Source(NamedTuple):
    """How people come: what the landing page's address and referrer look like, and how eager they are."""

    weight: int
    referrer: str
    query: str
    landings: tuple[str, ...]
    eagerness: float


SOURCES = (
    Source(30, "", "", ("/", "/", "/docs", "/pricing"), 1.0),
    Source(26, "https://www.google.com/", "", ("/", "/features", "/blog/cohorts", "/docs/install"), 0.9),
    Source(5, "https://duckduckgo.com/", "", ("/", "/docs/install"), 1.0),
    Source(4, "https://www.bing.com/", "", ("/", "/blog/funnels"), 0.8),
    Source(5, "https://chatgpt.com/", "utm_source=chatgpt.com", ("/docs/install", "/features"), 1.3),
    Source(8, "https://news.ycombinator.com/item?id=1", "", ("/blog/why-we-count", "/"), 0.5),
    Source(5, "https://www.reddit.com/r/selfhosted", "", ("/", "/docs/install"), 0.8),
    Source(4, "https://github.com/", "", ("/docs", "/docs/install"), 1.2),
    Source(
        6,
        "",
        "utm_source=newsletter&utm_medium=email&utm_campaign=autumn",
        ("/blog/funnels", "/pricing"),
        1.4,
    ),
    Source(
        7,
        "https://www.google.com/",
        "utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=demo",
        ("/pricing", "/features"),
        1.2,
    ),
)


class Home(NamedTuple):
    """Where people live and how far their clocks are from UTC, in hours."""

    weight: int
    country: str
    region: str
    city: str
    offset: int


HOMES = (
    Home(24, "US", "California", "San Francisco", -8),
    Home(12, "US", "New York", "New York", -5),
    Home(14, "DE", "Berlin", "Berlin", 1),
    Home(10, "GB", "England", "London", 0),
    Home(8, "FR", "Île-de-France", "Paris", 1),
    Home(8, "IN", "Karnataka", "Bengaluru", 5),
    Home(6, "BR", "São Paulo", "São Paulo", -3),
    Home(5, "NL", "North Holland", "Amsterdam", 1),
    Home(5, "JP", "Tokyo", "Tokyo", 9),
    Home(4, "AU", "New South Wales", "Sydney", 11),
    Home(4, "PL", "Masovia", "Warsaw", 1),
)

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
AGENTS = (
    (34, f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"),
    (18, f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"),
    (16, f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"),
    (15, f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI}"),
    (8, "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
    (6, f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
    (3, f"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) {_SAFARI}"),
)

TITLES = {
    "/": "Demo: numbers you can prove",
    "/features": "Features",
    "/pricing": "Pricing",
    "/docs": "Documentation",
    "/docs/install": "Installation",
    "/docs/events": "Sending events",
    "/blog/funnels": "Funnels that do not lie",
    "/blog/cohorts": "Cohorts, explained",
    "/blog/why-we-count": "Why we count at all",
    "/signup": "Create an account",
    "/app": "Overview",
    "/app/reports": "Reports",
    "/app/settings": "Settings",
}

NEXT_PAGES: dict[str, tuple[str, ...]] = {
    "/": ("/features", "/features", "/pricing", "/docs", "/blog/funnels"),
    "/features": ("/pricing", "/pricing", "/docs/install", "/"),
    "/pricing": ("/signup", "/features", "/docs"),
    "/docs": ("/docs/install", "/docs/events", "/pricing"),
    "/docs/install": ("/docs/events", "/signup", "/docs"),
    "/docs/events": ("/docs/install", "/features"),
    "/blog/funnels": ("/blog/cohorts", "/", "/features"),
    "/blog/cohorts": ("/blog/funnels", "/features"),
    "/blog/why-we-count": ("/", "/blog/funnels"),
    "/signup": ("/pricing",),
    "/app": ("/app/reports", "/app/reports", "/app/settings"),
    "/app/reports": ("/app", "/app/reports"),
    "/app/settings": ("/app",),
}

# Visits by local hour (out of 100) and by weekday, Monday first.
HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 10, 8, 8, 9, 9, 8, 7, 6, 6, 6, 5, 4, 2)
WEEKDAYS = (1.1, 1.2, 1.15, 1.1, 1.0, 0.6, 0.65)
PLANS = (("solo", 900), ("team", 2900), ("company", 9900))
FAULTS = (
    ("TypeError", "Cannot read properties of undefined (reading 'rows')"),
    ("NetworkError", "The request timed out"),
    ("RangeError", "Invalid time value"),
)
PAPERS = ("/files/event-lens-overview.pdf", "/files/security.pdf", "/files/schema.sql")
ELSEWHERE = ("https://github.com/demo/demo", "https://clickhouse.com/docs", "https://web.dev/articles/vitals")
# Middle and spread of what browsers measure: milliseconds, CLS without a unit.
VITALS = (("LCP", 1900, 0.35), ("INP", 110, 0.6), ("CLS", 0.04, 0.9), ("FCP", 1100, 0.3), ("TTFB", 420, 0.5))
COMPANIES = ("Acme", "Umbra", "Northwind", "Blue Fig", "Lantern", "Quay")
FIRST_NAMES = (
    "Ada",
    "Bruno",
    "Chloé",
    "Deniz",
    "Emre",
    "Fatima",
    "Goran",
    "Hana",
    "Ivo",
    "Jun",
    "Kofi",
    "Lena",
)


@dataclass(slots=True)
class Visitor:
    """Somebody with one device; `profile` once signed up."""

    number: int
    device: str
    home: Home
    agent: str
    source: Source
    profile: str = ""
    plan: str = ""


@dataclass
class Demo:
    """Makes the envelopes of `days` days up to `now` (milliseconds); outcomes are tallied under `source`."""

    project_id: str
    now: int
    seed: int = 1
    events: int = EVENTS
    source: str = ""
    days: int = 60
    _made: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  # has to be repeatable, not secret

    def envelopes(self) -> Iterator[Envelope]:
        """One envelope a visit, each visitor's visits in order; ends after about `events` events."""
        number = 0
        for number in range(12):  # somebody is there right now, for the live view
            yield self._visit(self._visitor(number), self.now - self._chance.randrange(MINUTE, 25 * MINUTE))
        while self._made < self.events:
            number += 1
            yield from self._life(self._visitor(number))

    def records(self) -> Iterator[tuple[bytes, int, int]]:
        """The envelopes as records for the queue, each with its number of commands and of events."""
        envelopes = self.envelopes()
        while group := list(islice(envelopes, _VISITS_PER_RECORD)):
            commands = [command for envelope in group for command in envelope.commands]
            yield pack(group), len(commands), sum(isinstance(command, Track) for command in commands)

    def _visitor(self, number: int) -> Visitor:
        chance = self._chance
        source = chance.choices(SOURCES, [each.weight for each in SOURCES])[0]
        home = chance.choices(HOMES, [each.weight for each in HOMES])[0]
        agent = chance.choices([text for _, text in AGENTS], [weight for weight, _ in AGENTS])[0]
        return Visitor(number, f"{chance.getrandbits(128):032x}", home, agent, source)

    def _life(self, visitor: Visitor) -> Iterator[Envelope]:
        """First visit and returns; whoever signed up returns more often."""
        start = self.now - self.days * DAY
        day = int(self.days * self._chance.random() ** 0.85)  # a little growth
        while day < self.days:
            weekday = (day + (start // DAY) + 3) % 7
            at = start + day * DAY + self._moment(visitor.home.offset)
            if self._chance.random() * 1.2 < WEEKDAYS[weekday] and at < self.now - 30 * MINUTE:
                yield self._visit(visitor, at)
            if self._chance.random() > (0.85 if visitor.profile else 0.32):
                return
            day += 1 + int(self._chance.expovariate(0.5 if visitor.profile else 0.25))

    def _moment(self, offset: int) -> int:
        hour = self._chance.choices(range(24), HOURS)[0]
        return ((hour - offset) % 24) * HOUR + self._chance.randrange(HOUR)

    def _visit(self, visitor: Visitor, at: int) -> Envelope:
        context = Context(
            self.project_id,
            visitor.agent,
            visitor.home.country,
            visitor.home.region,
            visitor.home.city,
            source=self.source,
        )
        walk = _Walk(self, visitor, at)
        commands = [command for command in walk.commands() if command.timestamp <= self.now]
        return Envelope(context, commands)

    def next_id(self) -> str:
        self._made += 1
        return f"demo-{self.seed}-{self._made}"

    def chance_of(self, probability: float) -> bool:
        return self._chance.random() < probability

    @property
    def random(self) -> random.Random:
        return self._chance


class _Walk:
    """One visit, page by page."""

    def __init__(self, demo: Demo, visitor: Visitor, at: int) -> None:
        self._demo, self._visitor, self._at = demo, visitor, at
        self._commands: list[Command] = []

    def commands(self) -> list[Command]:
        visitor, demo = self._visitor, self._demo
        source = visitor.source
        signed_up = bool(visitor.profile)
        page = "/app" if signed_up else demo.random.choice(source.landings)
        referrer = "" if signed_up else source.referrer
        query = f"?{source.query}" if source.query and not signed_up else ""
        self._view(page, referrer, query)
        while demo.chance_of(0.82 if signed_up else 0.56 * min(source.eagerness, 1.3)):
            before, page = page, demo.random.choice(NEXT_PAGES[page])
            self._at += int(demo.random.expovariate(1 / 45) * _SECOND) + 3 * _SECOND
            self._view(page, SITE + before)
            self._act(page)
            if len(self._commands) > 25:
                break
        return self._commands

    def _act(self, page: str) -> None:
        """What people do on a page besides looking at it."""
        visitor, demo = self._visitor, self._demo
        self._notice(page)
        if page == "/pricing" and demo.chance_of(0.4):
            self._track("plan_viewed", plan=demo.random.choice(PLANS)[0])
        elif page == "/docs/install" and demo.chance_of(0.35):
            self._track("copied_command", command="make run")
        elif page == "/signup" and not visitor.profile:
            self._track("signup_started")
            if demo.chance_of(0.55):
                self._sign_up()
        elif page == "/app/reports" and demo.chance_of(0.6):
            self._track("report_opened", report=demo.random.choice(("funnel", "retention", "pages")))
            self._commands.append(Add(visitor.profile, self._at, "reports", b"1", demo.next_id()))
        elif page == "/app/settings" and not visitor.plan and demo.chance_of(0.5):
            self._pay()

    def _notice(self, page: str) -> None:
        """What a page sends by itself, or nearly so."""
        demo = self._demo
        here = SITE + page
        if demo.chance_of(0.05):
            slow = 1.6 if page == "/app/reports" else 1.0
            for name, middle, spread in VITALS:
                value = middle * slow * demo.random.lognormvariate(0, spread)
                self._track("web_vital", path=here, name=name, value=round(value, 3 if name == "CLS" else 0))
        if demo.chance_of(0.12):
            depth = min(100, round(demo.random.triangular(5, 130, 70)))
            self._track("scroll_depth", path=here, depth=depth)
        if page.startswith("/app") and demo.chance_of(0.02):
            kind, message = demo.random.choices(FAULTS, (6, 3, 1))[0]
            self._track("error", path=here, type=kind, message=message)
        if page == "/docs/install" and demo.chance_of(0.08):
            self._track("file_download", path=here, href=SITE + demo.random.choice(PAPERS))
        if page.startswith(("/blog", "/docs")) and demo.chance_of(0.06):
            self._track("link_out", path=here, href=demo.random.choice(ELSEWHERE))
        if demo.chance_of(0.004):
            self._track(
                "not_found", path=SITE + demo.random.choice(("/careers", "/docs/php", "/wp-login.php"))
            )

    def _sign_up(self) -> None:
        visitor, demo = self._visitor, self._demo
        self._at += 20 * _SECOND
        name, company = demo.random.choice(FIRST_NAMES), demo.random.choice(COMPANIES)
        visitor.profile = f"user-{visitor.number}"
        traits = {
            "$firstName": name,
            "$email": f"{name.lower()}.{visitor.number}@example.com",
            "company": company,
            "plan": "trial",
        }
        properties = {key: json.dumps(value).encode() for key, value in traits.items()}
        self._commands.append(Identify(visitor.profile, self._at, demo.next_id(), visitor.device, properties))
        self._track("signup_completed", company=company)
        self._view("/app", SITE + "/signup")

    def _pay(self) -> None:
        visitor, demo = self._visitor, self._demo
        plan, price = demo.random.choices(PLANS, (6, 3, 1))[0]
        self._track("checkout_started", plan=plan)
        if demo.chance_of(0.6):
            self._at += 40 * _SECOND
            visitor.plan = plan
            self._track("revenue", price, plan=plan)
            self._commands.append(
                Identify(
                    visitor.profile,
                    self._at,
                    demo.next_id(),
                    visitor.device,
                    {"plan": json.dumps(plan).encode()},
                )
            )

    def _view(self, page: str, referrer: str, query: str = "") -> None:
        self._track("screen_view", path=SITE + page + query, referrer=referrer, title=TITLES[page])

    def _track(
        self, event: str, /, revenue: int | None = None, path: str = "", referrer: str = "", title: str = "",
        **properties: str | float,
    ) -> None:  # fmt: skip
        visitor = self._visitor
        self._at += _SECOND
        self._commands.append(
            Track(
                name=event,
                timestamp=self._at,
                own_time=True,
                id=self._demo.next_id(),
                device_id=visitor.device,
                profile_id=visitor.profile,
                path=path,
                referrer=referrer,
                title=title,
                revenue=revenue,
                currency="" if revenue is None else "USD",
                properties=json.dumps(properties).encode() if properties else b"{}",
            )
        )
