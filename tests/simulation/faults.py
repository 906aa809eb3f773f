"""Which faults a seed has, and how strong: each seed picks a few, so that they meet in ever new company."""

from dataclasses import dataclass, fields
from random import Random

HOUSEKEEPING = ("compact_rate", "fill_rate", "build_rate", "outage_seconds")  # no faults, these


@dataclass
class Faults:
    """Shares are per event, rates per second of virtual time. `calm()` ends them all."""

    # the stream, per frame
    drop_share: float = 0.0
    duplicate_share: float = 0.0
    reorder_share: float = 0.0
    garbage_share: float = 0.0
    delay_share: float = 0.0  # of bursts that come seconds late
    # the stream, per connection
    cut_rate: float = 0.0
    stall_rate: float = 0.0
    shutdown_rate: float = 0.0
    refuse_share: float = 0.0  # of handshakes
    # REST, per request
    refuse_request_share: float = 0.0  # 5xx, 403, 451
    limit_share: float = 0.0  # 429, 418
    timeout_share: float = 0.0
    unreadable_share: float = 0.0
    empty_share: float = 0.0
    short_share: float = 0.0
    omit_share: float = 0.0
    lag_share: float = 0.0  # of trades that REST shows seconds late
    # the market
    absent_share: float = 0.0
    halt_rate: float = 0.0
    rush_rate: float = 0.0
    # the disk and the machine
    disk_rate: float = 0.0  # of windows in which it fails
    outage_seconds: float = 0.0  # the longest of them
    slow_disk_share: float = 0.0  # of such windows in which it is slow instead
    kill_rate: float = 0.0
    power_rate: float = 0.0
    doom_share: float = 0.0  # of processes that die soon after their start
    compact_rate: float = 0.0
    build_rate: float = 0.0
    fill_rate: float = 0.0
    stop_rate: float = 0.0  # of orderly ends of the recorder

    def calm(self) -> None:
        """No more faults; the housekeeping goes on."""
        for fault in fields(self):
            if fault.name not in HOUSEKEEPING:
                setattr(self, fault.name, 0.0)


STRONGEST = Faults(
    drop_share=0.02,
    duplicate_share=0.1,
    reorder_share=0.1,
    garbage_share=0.02,
    delay_share=0.2,
    cut_rate=1 / 10,
    stall_rate=1 / 40,
    shutdown_rate=1 / 30,
    refuse_share=0.4,
    refuse_request_share=0.3,
    limit_share=0.1,
    timeout_share=0.1,
    unreadable_share=0.2,
    empty_share=0.2,
    short_share=0.5,
    omit_share=0.02,
    lag_share=0.2,
    absent_share=0.01,
    halt_rate=1 / 60,
    rush_rate=1 / 100,
    disk_rate=1 / 30,
    outage_seconds=50.0,
    slow_disk_share=1.0,
    kill_rate=1 / 15,
    power_rate=1 / 30,
    doom_share=0.5,
    compact_rate=1 / 20,
    fill_rate=1 / 30,
    build_rate=1 / 15,
    stop_rate=1 / 60,
)


def draw(random: Random, stretch: float) -> Faults:
    """Each fault with a chance of one half, at a strength of its own; rates are as much lower as `stretch` says."""
    drawn = Faults()
    for fault in fields(Faults):
        strongest = getattr(STRONGEST, fault.name)
        if random.random() < 0.5:
            setattr(drawn, fault.name, strongest * random.random())
    drawn.outage_seconds = drawn.outage_seconds or 5.0
    for name in ("compact_rate", "fill_rate", "build_rate"):
        setattr(drawn, name, getattr(drawn, name) or getattr(STRONGEST, name) / 3)
    for fault in fields(Faults):
        if fault.name.endswith("_rate"):
            setattr(drawn, fault.name, getattr(drawn, fault.name) / stretch)
    return drawn
