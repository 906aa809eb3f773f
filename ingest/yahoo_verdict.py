"""Whether an answer may stand beside what is stored, and what it lacks.

It may if its closes are on the same basis: split-adjusted for the splits that it names itself, in the same currency.
Rows are never mixed across bases: an answer that cannot be joined on is refused as a whole (docs/decisions/0010).
"""

from collections.abc import Sequence
from datetime import date
from math import prod
from typing import Any

import exchange_calendars
import pandas as pd
import pyarrow as pa

from ingest.outcome import ChangedError, Outcome, Verdict
from ingest.yahoo_stored import StoredPrices

TOLERANCE = 0.01  # two closes of one session that differ by more are not the same price
MOST_CORRECTED = 0.05  # share of shared sessions that a vendor may correct without another basis
MOST_MISSING = 0.05  # share of stored sessions that an answer may lack and still count as whole
SESSIONS_UNTIL_ENDED = 5
Row = dict[str, Any]


def judged(
    symbol: str,
    table: pa.Table,
    stored: StoredPrices,
    asked_from: date,
    calendar: exchange_calendars.ExchangeCalendar,
) -> Verdict:
    """What `table`, the answer for all sessions since `asked_from`, is worth. Raises ChangedError if it is refused."""
    rows: list[Row] = table.to_pylist()
    _refuse_other_currency(symbol, rows[-1]["currency"], stored.currency)
    closes = {row["session_date"]: row["close"] for row in rows if row["is_final"]}
    splits = {row["session_date"]: row["split_ratio"] for row in rows}
    wanted = {day for day in stored.closes if day >= asked_from}
    _refuse_vanished_actions(symbol, rows, stored)
    _refuse_other_basis(symbol, closes, splits, stored, wanted)
    return _verdict(rows, wanted - closes.keys(), wanted, calendar)


def _verdict(
    rows: Sequence[Row], missing: set[date], wanted: set[date], calendar: exchange_calendars.ExchangeCalendar
) -> Verdict:
    """All that is to be said; the gravest gives the outcome."""
    found: list[tuple[Outcome, str]] = []
    if missing:
        grave = len(missing) > MOST_MISSING * len(wanted)
        text = f"{len(missing)} of {len(wanted)} stored sessions are missing, from {min(missing)} to {max(missing)}"
        found.append(("short" if grave else "ok", f"{text}; they stay as they are"))
    if silent := _sessions_since(rows[-1], calendar):
        found.append(("ended", f"no bar since {rows[-1]['session_date']}, {silent} sessions ago: halted or delisted"))
    if all(row["vendor_adj_close"] is None for row in rows):
        found.append(("no_adjusted_close", f"no adjusted close in {len(rows)} bars: ours cannot be reconciled"))
    if any(rows[-1][name] is None for name in ("open", "high", "low", "close")):
        found.append(("half_formed", f"the bar of {rows[-1]['session_date']} is half-formed"))
    outcome: Outcome = next((outcome for outcome, _ in found if outcome != "ok"), "ok")
    return Verdict(outcome, "; ".join(text for _, text in found) or None, is_whole=not missing)


def _refuse_other_currency(symbol: str, currency: str | None, stored: str | None) -> None:
    if stored is not None and currency != stored:
        raise ChangedError(
            "changed_currency",
            f"{symbol}: prices in {currency} cannot join those stored in {stored}{_remedy(symbol)}",
        )


def _refuse_vanished_actions(symbol: str, rows: Sequence[Row], stored: StoredPrices) -> None:
    covered = {row["session_date"] for row in rows}
    lost = stored.actions & covered
    if lost and not any(row["dividend"] or row["split_ratio"] for row in rows):
        raise ChangedError(
            "changed_shape", f"{symbol}: {len(lost)} stored dividends and splits have vanished from the answer"
        )


def _refuse_other_basis(
    symbol: str, closes: dict[date, float], splits: dict[date, float], stored: StoredPrices, wanted: set[date]
) -> None:
    """Compare session by session: the splits that are new in the answer must account for every difference."""
    shared = sorted(closes.keys() & stored.closes.keys())
    if not shared:
        if wanted:
            raise ChangedError(
                "changed_basis",
                f"{symbol}: not one of {len(wanted)} stored sessions is in the answer, so nobody can tell whether its "
                f"prices join on to them{_remedy(symbol)}",
            )
        return
    changed = _changed_splits(splits, stored)
    off = [day for day in shared if abs(closes[day] * _ratio(changed, day) / stored.closes[day] - 1) > TOLERANCE]
    if len(off) > MOST_CORRECTED * len(shared):
        example = off[-1]
        raise ChangedError(
            "changed_basis",
            f"{symbol}: {len(off)} of {len(shared)} closes are not those that are stored, {closes[example]:g} instead "
            f"of {stored.closes[example]:g} on {example}, and no split says why{_remedy(symbol)}",
        )


def _changed_splits(splits: dict[date, float], stored: StoredPrices) -> dict[date, float]:
    """Session -> how much more it splits by the answer than by what is stored, where that differs."""
    pairs = {day: ((ratio or 1.0), stored.splits.get(day, 1.0)) for day, ratio in splits.items()}
    return {day: new / old for day, (new, old) in pairs.items() if new != old}


def _ratio(changed: dict[date, float], day: date) -> float:
    return prod(ratio for split, ratio in changed.items() if split > day)


def _sessions_since(row: Row, calendar: exchange_calendars.ExchangeCalendar) -> int:
    """Sessions that closed since the newest bar, if so many that there is none to come; else 0."""
    last, now = pd.Timestamp(row["session_date"]), pd.Timestamp(row["fetched_at"])
    since = calendar.closes[(calendar.closes.index > last) & (calendar.closes <= now)]
    return len(since) if len(since) >= SESSIONS_UNTIL_ENDED else 0


def _remedy(symbol: str) -> str:
    return f"; nothing was stored: wait for a better answer, or begin anew by moving equities/symbol={symbol} away"
