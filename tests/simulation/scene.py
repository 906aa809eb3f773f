"""One seed: where and when it plays, and with which settings."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from quant.settings import Settings, load_settings

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
DENSE_SECONDS = 300.0
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    """`seconds` of virtual time; faults end before, then everything must come right."""

    begin: datetime
    seconds: float
    settings: Settings
    most_pending: int
    most_frames: int
    settled_after: timedelta  # the end of an hour: then it is compacted

    @property
    def stretch(self) -> float:
        """How much rarer everything is than in five minutes: a long scene has more events, but not in proportion."""
        return float(max(1.0, (self.seconds / DENSE_SECONDS) ** 0.75))

    @property
    def recovered_at(self) -> float:
        """By then back-off, bans and the silence watchdog are over, in virtual seconds."""
        return self.faults_end + 30 + 2 * self.settings.crypto.silence_seconds

    @property
    def faults_end(self) -> float:
        return self.seconds * 0.7

    @property
    def settled_at(self) -> float:
        """When the first hour that ends is compacted, in virtual seconds."""
        return 3600 - self.begin.timestamp() % 3600 + self.settled_after.total_seconds()

    @property
    def root(self) -> Path:
        return self.settings.parquet_path


def draw(random: Random, seconds: float) -> Scene:
    """Most begin shortly before an hour or a midnight, so that its turn and the compaction after it fall into them."""
    turn = MIDNIGHT + timedelta(hours=random.choice([0, 0, 7, 15]))
    before = random.choice([random.uniform(1, 50), random.uniform(1, 50), random.uniform(0, 3600)])
    begin = turn - timedelta(seconds=before)
    return Scene(
        begin.replace(microsecond=0),
        seconds,
        _settings(random, is_long=seconds > 10 * DENSE_SECONDS),
        most_pending=random.choice([30, 300, 50_000]),
        most_frames=random.choice([20, 4096]),
        settled_after=timedelta(seconds=random.choice([2, 30, 120])),
    )


def _settings(random: Random, is_long: bool) -> Settings:
    """In a long scene the product does by the minute what it does by the second: else most of the time goes there."""
    settings = _base()
    crypto = settings.crypto.model_copy(
        update={
            "symbols": SYMBOLS[: random.choice([1, 1, 2, 3])],
            "stream_urls": ("wss://one.example", "wss://two.example"),
            "rest_urls": ("https://one.example", "https://two.example"),
            "history_days": {"1m": 1, "1d": 1},
            "flush_seconds": random.choice([0.3, 0.5, 2.0]) * (10 if is_long else 1),
            "silence_seconds": 900.0 if is_long else 15.0,
            "renew_seconds": random.choice([40.0, 84_600.0]) * (100 if is_long else 1),
            "max_backfill_trades": random.choice([5, 100, 50_000]),
        }
    )
    refresh = settings.refresh_seconds.model_copy(update={"klines": 7200.0 if is_long else 600.0})
    return settings.model_copy(update={"crypto": crypto, "refresh_seconds": refresh, "data_path": Path("/simulated")})


@cache
def _base() -> Settings:
    return load_settings()
