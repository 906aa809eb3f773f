"""What of the caller's quotes of options is doubtful: counted over all rows, a line for each kind."""

from collections.abc import Sequence

import duckdb

from quant.doubts import warn

QUOTES = "asked_quotes"
CHAIN = "source, underlying, ingest_run_id"
SHARES = {0.5: "half", 1.0: "all"}  # of the mid, in words


def doubt_quotes(cursor: duckdb.DuckDBPyConnection, title: str, wide_share: float, read: Sequence[str]) -> None:
    """Warn of quotes and chains that count for nothing; `read`: which of mid and spot the metric reads."""
    counts = ", ".join(
        f"count(*) filter ({each})" for each in ("quality = 'wide'", "quality = 'crossed'", "years <= 0")
    )
    [(count, wide, crossed, expired)] = cursor.execute(f"select count(*), {counts} from {QUOTES}").fetchall()
    if "mid" in read:
        width = f"spread above {SHARES.get(wide_share, f'{wide_share:g}')} of the mid"
        _say(title, wide, count, "quotes", f"wide ({width}) and without a mid: give a column mid to keep such")
        _say(title, crossed, count, "quotes", "crossed (ask below bid) and without a mid")
    _say(title, expired, count, "quotes", "of options that had expired, which have no volatility")
    if "spot" in read:
        _doubt_spots(cursor, title)


def doubt_rates(cursor: duckdb.DuckDBPyConnection, title: str) -> None:
    """Warn of a rate or yield that was meant in per cent."""
    for name in ("rate", "dividend_yield"):
        query = f"select {name} from {QUOTES} where abs({name}) > 1 order by abs({name}) desc limit 1"
        for (rate,) in cursor.execute(query).fetchall():
            warn(f"{title}: {name} {rate!r} is {100 * rate:g} % a year: {rate / 100:g} is {rate:g} %")


def doubt_instants(cursor: duckdb.DuckDBPyConnection, title: str, name: str) -> None:
    """Warn where each strike has an instant of its own, and so a chain of its own; `name` is the caller's column."""
    chains = f"select count(distinct strike) as strikes from {QUOTES} group by {CHAIN}"
    several = f"(select count(distinct strike) > 1 from {QUOTES})"
    query = f"select count(*) from ({chains}) having max(strikes) = 1 and count(*) > 1 and {several}"
    if cursor.execute(query).fetchall():
        warn(
            f"{title}: {name} differs from strike to strike, so each is a chain of its own: give an "
            "ingest_run_id, the same for all quotes of a chain"
        )


def doubt_forwards(cursor: duckdb.DuckDBPyConnection, title: str, remedy: str) -> None:
    """Warn of expiries whose forward no call and put imply, by why they do not."""
    sides = "bool_or({0}) filter (is_call) and bool_or({0}) filter (not is_call)"
    listed, priced = sides.format("true"), sides.format("mid is not null")
    query = f"""
        with strikes as (
            select {CHAIN}, expires_at, coalesce({listed}, false) as is_listed, coalesce({priced}, false) as is_priced
            from {QUOTES} group by {CHAIN}, expires_at, strike
        ),
        expiries as (
            select {CHAIN}, expires_at, bool_or(is_listed) as is_listed, bool_or(is_priced) as is_priced
            from strikes group by {CHAIN}, expires_at
        )
        select
            count(*), count(*) filter (unknown and not is_listed),
            count(*) filter (unknown and is_listed and not is_priced), count(*) filter (unknown and is_priced)
        from (select *, forward_method = 'configured' and years > 0 as unknown from forwards('{QUOTES}'))
        join expiries using ({CHAIN}, expires_at)
    """
    [(count, *unknown)] = cursor.execute(query).fetchall()
    reasons = (
        "no strike with a call and a put to take their forward from",
        "no strike whose call and put both have a mid (they are crossed, wide or one-sided) to take their forward from",
        "calls and puts whose mids imply no forward above 0",
    )
    for number, reason in zip(unknown, reasons, strict=True):
        if number:
            warn(f"{title}: {number} of {count} expiries have {reason}, and count as without dividends: {remedy}")


def _doubt_spots(cursor: duckdb.DuckDBPyConnection, title: str) -> None:
    query = f"select coalesce(max(spot), 0) <= 0 as is_without from {QUOTES} group by {CHAIN}"
    query = f"select count(*), count(*) filter (is_without) from ({query})"
    [(count, without)] = cursor.execute(query).fetchall()
    _say(title, without, count, "chains", "without a spot above 0, and so without volatility")
    query = f"select min(spot) < max(spot) as is_torn from {QUOTES} group by source, underlying, quoted_at"
    query = f"select count(*), count(*) filter (is_torn) from ({query})"
    [(count, torn)] = cursor.execute(query).fetchall()
    _say(
        title,
        torn,
        count,
        "chains",
        "quoted with several spots at one instant, and each quote keeps its own",
    )


def _say(title: str, number: int, count: int, things: str, what: str) -> None:
    if number:
        warn(f"{title}: {number} of {count} {things} {'is' if number == 1 else 'are'} {what}")
