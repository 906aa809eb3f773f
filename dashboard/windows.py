"""Stretches of time that candles are drawn of."""

from dataclasses import dataclass

import pyarrow as pa

from dashboard import data

BAR_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400, "1w": 604800}


@dataclass(frozen=True)
class Window:
    """The newest `span` seconds of bars, drawn as candles of `step` seconds."""

    interval: str
    span: int
    step: int

    @property
    def is_plain(self) -> bool:
        """A candle is one bar."""
        return self.step == BAR_SECONDS[self.interval]


def candles(symbol: str, window: Window) -> pa.Table:
    """One row per candle, with moving average and Bollinger band where each is one bar."""
    asked = {"symbol": symbol, "interval": window.interval, "span": window.span}
    return data.table("bars", **asked) if window.is_plain else data.table("candles", **asked, step=window.step)
