"""The caller's rows as the relation that metrics of options read: one clean row per contract and instant."""

from quant.doubts import rows_have, warn
from quant.errors import DataError
from quant.given import Given
from quant.given_bars import keep_newest, require

QUOTES = "asked_quotes"
NAMES = {
    "underlying": ("underlying", "symbol"),
    "quoted_at": ("quoted_at", "asof", "ts"),
    "expires_at": ("expires_at", "expiry", "expiration"),
    "is_call": ("is_call", "right", "type"),
    "is_american": ("is_american", "exercise"),
    "rate": ("rate", "r"),
    "dividend_yield": ("dividend_yield", "q"),
}
NUMBERS = ("strike", "bid", "ask", "mid", "spot", "volume", "open_interest")
NEEDED = "quotes of options need expires_at (or expiry), strike, is_call (or right), quoted_at, and bid and ask or mid"
SIDES = {"is_call": (("c", "call", "true", "1"), ("p", "put", "false", "0")),
         "is_american": (("american", "a", "true", "1"), ("european", "e", "false", "0"))}  # fmt: skip
OPTIONAL = ("spot", "rate", "volume", "open_interest")  # NULL where not given: a metric that needs one is refused


def make_quotes(given: Given, constants: dict[str, float]) -> tuple[str, ...]:
    """Create temporary table `asked_quotes`, and say which of the optional columns are not known.

    `constants`: rate and dividend_yield of every row, instead of a column. A date stands for its close in New York.
    Options are European unless they say otherwise; the yield is 0 unless said, since the forward is implied.
    """
    named = {name: given.first_of(each) for name, each in NAMES.items()}
    for name in ("expires_at", "is_call", "quoted_at"):
        require(given, (named[name] or NAMES[name][0],), NEEDED)
    require(given, ("strike",), NEEDED)
    if not given.has("mid"):
        require(given, ("bid", "ask"), NEEDED)
    columns = {
        "source": given.text("source", "file"),
        "underlying": given.text(named["underlying"] or "underlying", given.stem),
        "quoted_at": _instant(given, named["quoted_at"]),
        "expires_at": _instant(given, named["expires_at"]),
        "is_call": _flag(given, "is_call", named["is_call"]),
        "is_american": _flag(given, "is_american", named["is_american"]),
        "rate": _per_row(given, named["rate"], constants.get("rate"), "null"),
        "dividend_yield": _per_row(given, named["dividend_yield"], constants.get("dividend_yield"), "0"),
        **{name: given.number(name) if given.has(name) else "null::double" for name in NUMBERS},
    }
    pull = given.text("ingest_run_id", "") if given.has("ingest_run_id") else f"{columns['quoted_at']}::varchar"
    columns = {"ingest_run_id": pull, **columns}
    keep_newest(given, QUOTES, columns, "source, underlying, ingest_run_id, expires_at, is_call, strike")
    _clean(given)
    _doubt_instants(given, named["quoted_at"] or "quoted_at")
    present = {*constants, *(name for name in NUMBERS if given.has(name)), *(name for name in NAMES if named[name])}
    return tuple(name for name in (*OPTIONAL, "dividend_yield") if name not in present)


def _instant(given: Given, name: str | None) -> str:
    """A midnight (UTC) is a date: no American option is quoted or expires then."""
    instant = given.known_instant(name or "")
    local = f"timezone('UTC', {instant})"
    return (
        f"case when {local}::time = time '00:00:00' "
        f"then timezone('America/New_York', {local}::date + time '16:00:00') else {instant} end"
    )


def _flag(given: Given, meaning: str, name: str | None) -> str:
    """A side or style as a boolean, in SQL; what is neither is refused with its row."""
    if name is None:
        return "false"
    yes, no = SIDES[meaning]
    words = f"lower(trim({given.text(name, '')}))"
    given.refuse(f"{words} not in {(*yes, *no)}", f"is none of {', '.join((*yes[:2], *no[:2]))}", name)
    return f"{words} in {yes}"


def _per_row(given: Given, name: str | None, constant: float | None, otherwise: str) -> str:
    """A number per row, or the same for all; what is given by name counts."""
    if constant is not None:
        return f"{constant!r}::double"
    return given.number(name) if name else f"{otherwise}::double"


def _doubt_instants(given: Given, name: str) -> None:
    """Warn where each strike has an instant of its own, and so a chain of its own."""
    chains = f"select count(distinct strike) as strikes from {QUOTES} group by source, underlying, ingest_run_id"
    several = f"(select count(distinct strike) > 1 from {QUOTES})"
    query = f"select count(*) from ({chains}) having max(strikes) = 1 and count(*) > 1 and {several}"
    if not given.has("ingest_run_id") and given.cursor.execute(query).fetchall():
        warn(
            f"{given.title}: {name} differs from strike to strike, so each is a chain of its own: give an "
            "ingest_run_id, the same for all quotes of a chain"
        )


def _clean(given: Given) -> None:
    """NULL for what is no price, the mid where there is none, time to expiry, and what the quote is worth."""
    cursor = given.cursor
    query = f"select strike from {QUOTES} where not coalesce(strike > 0 and isfinite(strike), false) limit 1"
    for (strike,) in cursor.execute(query).fetchall():
        raise DataError(f"{given.title}: a strike is a price above 0, not {strike}")
    wrong = " or ".join(f"isinf({name}) or {name} < 0" for name in NUMBERS)
    if count := cursor.execute(f"select count(*) from {QUOTES} where {wrong}").fetchall()[0][0]:
        warn(f"{given.title}: {rows_have(count)} a negative or infinite number, which counts as missing")
    numbers = (*NUMBERS, "rate", "dividend_yield")
    cleaned = ", ".join(
        f"case when isfinite({name})" + (f" and {name} >= 0" if name in NUMBERS else "") + f" then {name} end as {name}"
        for name in numbers
    )
    cursor.execute(f"create or replace temp table {QUOTES} as select * replace ({cleaned}) from {QUOTES}")
    middle = "mid" if given.has("mid") else "case when bid > 0 and ask >= bid then (bid + ask) / 2 end"
    cursor.execute(
        f"create or replace temp table {QUOTES} as "
        "select *, case when mid > 0 then 'two_sided' when ask < bid then 'crossed' else 'no_quote' end as quality "
        f"from (select * replace (nullif({middle}, 0) as mid), years_to_expiry(quoted_at, expires_at) as years, "
        f"timezone('America/New_York', expires_at)::date as expiry_on from {QUOTES})"
    )
