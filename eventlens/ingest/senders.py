"""Who sends a request, and what follows for all that is in it: its place, or that it is counted apart."""

from collections import OrderedDict
from typing import NamedTuple

from eventlens.enrich.bots import Bot, recognise_bot
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.networks import NetworkDatabase, is_hosting
from eventlens.enrich.user_agent import is_server_agent
from eventlens.events import Context
from eventlens.ingest.admit import Admission

_MOST_CONTEXTS = 10_000


class Sender(NamedTuple):
    """Where a request comes from."""

    ip: str
    user_agent: str
    sdk: str = ""
    sdk_version: str = ""
    hints: str = ""
    """What the browser said beside its user agent (`enrich.client_hints`)."""
    robot: Bot | None = None
    """Which robot the other headers give away, if any."""


class Senders:
    """Looks up what the queue keeps of a sender. The address goes no further."""

    def __init__(self, geo: GeoDatabase, networks: NetworkDatabase) -> None:
        self._geo = geo
        self._networks = networks
        self._contexts: OrderedDict[tuple[str, Sender], Context] = OrderedDict()

    def judge(self, admission: Admission, sender: Sender) -> tuple[Context, Bot | None]:
        """What is true of a request; of robots and browsers in data centres, that they are counted apart."""
        project_id = admission.client.project_id
        if admission.trusted:
            return self.context(project_id, sender), None
        bot = sender.robot or recognise_bot(sender.user_agent, sdk=sender.sdk)
        if bot is not None:
            return Context(project_id, excluded="bot", excluded_name=bot.name), bot
        host = self._hosting(sender)
        if host:
            return Context(project_id, excluded="data_centre", excluded_name=host), None
        return self.context(project_id, sender), None

    def context(self, project_id: str, sender: Sender) -> Context:
        """What is true of everything from a sender."""
        key = (project_id, sender)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = self.context_at(sender.ip, project_id, sender)
            if len(self._contexts) > _MOST_CONTEXTS:
                self._contexts.popitem(last=False)
        return context

    def context_at(self, address: str, project_id: str, sender: Sender) -> Context:
        """The same, as if the sender were at another address."""
        country, region, city, latitude, longitude = self._geo.look_up(address)
        return Context(
            project_id,
            sender.user_agent[:512],
            country,
            region,
            city,
            latitude,
            longitude,
            sender.sdk[:64],
            sender.sdk_version[:32],
            hints=sender.hints,
        )

    def _hosting(self, sender: Sender) -> str:
        """Whose data centre a browser seems to run in; empty for none, and for programs that belong there."""
        network = self._networks.look_up(sender.ip)
        if not is_hosting(network) or is_server_agent(sender.user_agent):
            return ""
        return network.organisation or f"AS{network.asn}"
