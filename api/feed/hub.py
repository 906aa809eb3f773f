"""All streams of one server: who listens to what, and how many may."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus

from api.feed.channel import Channel
from api.feed.client import Client
from api.feed.frames import Event
from api.feed.poller import Poller, Tools
from api.feed.position import KNOWN_BARS, Position
from api.feed.reader import Reader
from api.problems import Refusal
from quant.settings import Settings
from quant.warehouse import Warehouse


@dataclass(eq=False)
class Subscription:
    """A client at its poller. `first` is what it is told before what follows live."""

    poller: Poller
    client: Client
    first: list[Event] = field(default_factory=list)


class Feed:
    """`counts` only grow, for telemetry; `pollers` and `clients` are those of now."""

    def __init__(self, settings: Settings, warehouse: Warehouse) -> None:
        self._limits = settings.api.stream
        self._executor = ThreadPoolExecutor(1, "feed")
        self.counts: Counter[str] = Counter()
        self.pollers: dict[Channel, Poller] = {}
        most = self._limits.resume_rows + KNOWN_BARS + 2
        reader = Reader(warehouse, most, self._limits.poll_seconds / 4, self.pollers)
        self._tools = Tools(reader, self._limits, settings.demo, self._executor, self.counts)

    @property
    def clients(self) -> list[Client]:
        return [client for poller in self.pollers.values() for client in poller.clients]

    async def subscribe(self, channel: Channel, client: Client, known: Position | None) -> Subscription:
        """Raises Refusal (429, 503) where there is no room, and what keeps the build from being read."""
        self._accept(client.address)
        poller = self.pollers.get(channel)
        if poller is None or poller.is_broken:
            poller = self.pollers[channel] = Poller(channel, self._tools)
        subscription = Subscription(poller, client)
        poller.clients.add(client)
        try:
            await self._begin(subscription, known)
        except BaseException:
            self.leave(subscription)
            raise
        self.counts["subscribed"] += 1
        return subscription

    async def _begin(self, subscription: Subscription, known: Position | None) -> None:
        poller, client = subscription.poller, subscription.client
        look = await poller.ready()
        joined = poller.position
        client.waiting.clear()  # from here on what is told follows `joined`; nothing is awaited in between
        client.size, client.known = 0, known or joined
        subscription.first = [hello(poller, client, known)]
        state = [poller.failure()] if poller.problem else []
        is_told = known is not None and look.bar is not None and look.bar["is_final"]
        state += [] if is_told else poller.press.bar(look, joined)
        state += [*poller.press.price(look, joined), *poller.press.metrics(look, joined)]
        if known is not None:
            subscription.first += await poller.missed(known, joined)
        subscription.first += state

    def leave(self, subscription: Subscription) -> None:
        """The last one to leave stops the poller."""
        poller = subscription.poller
        poller.clients.discard(subscription.client)
        if not poller.clients and self.pollers.get(poller.channel) is poller:
            del self.pollers[poller.channel]
            poller.stop()

    def _accept(self, address: str) -> None:
        clients = self.clients
        remedy = "try again later, or raise api.stream in config.yaml"
        if len(clients) >= self._limits.clients:
            self.counts["refused"] += 1
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{len(clients)} streams are open, no more may be: {remedy}")
        if sum(client.address == address for client in clients) >= self._limits.clients_per_address:
            self.counts["refused"] += 1
            most = self._limits.clients_per_address
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS, f"{most} streams to {address} are open, no more may be: {remedy}"
            )

    def close(self) -> None:
        for client in self.clients:
            client.end()
        for poller in self.pollers.values():
            poller.stop()
        self._executor.shutdown(wait=False, cancel_futures=True)


def hello(poller: Poller, client: Client, known: Position | None) -> Event:
    """What follows. Its id is where the client stands: what it knew, if it has come back.

    A final bar that comes next is not known before it has come: then there is no id yet.
    """
    assert poller.look is not None
    is_told_next = bool(poller.look.bar and poller.look.bar["is_final"])
    settings = client.limits
    row = {
        "asset_class": poller.channel.asset_class,
        "interval": poller.channel.interval,
        "events": sorted(client.chosen),
        "is_resumed": known is not None,
        "poll_seconds": settings.poll_seconds,
        "heartbeat_seconds": settings.heartbeat_seconds,
    }
    stands = known or (None if is_told_next else poller.position)
    return poller.press.event("hello", poller.look.build_id, stands, row)
