"""The caller's rows as the relation that metrics of options read: one clean row per contract and instant."""

from quant.doubts import rows_have, warn
from quant.errors import DataError
from quant.given import Given
from quant.given_bars import keep_newest
from quant.quote_doubts import QUOTES, doubt_instants, doubt_rates
from quant.settings import load_settings

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
WORDS = {
    "expires_at": "'expiry' (or expires_at)",
    "is_call": "'right' (or is_call; C or P)",
    "quoted_at": "'quoted_at' (or asof, ts)",
}
NEEDED = "quotes of options need quoted_at, expiry, strike, right, and bid and ask or mid"
SIDES = {"is_call": (("c", "call", "true", "1"), ("p", "put", "false", "0")),
         "is_american": (("american", "a", "true", "1"), ("european", "e", "false", "0"))}  # fmt: skip
OPTIONAL = ("mid", "spot", "rate", "volume", "open_interest")  # NULL where not given: who needs one is refused
NOON = "timestamptz '2024-01-03 12:00:00-05'"  # of a session: whether a file's quotes are stale cannot be judged


def make_quotes(given: Given, constants: dict[str, float]) -> tuple[str, ...]:
    """Create temporary table `asked_quotes`, and say which of the optional columns are not known.

    `constants`: rate and dividend_yield of every row, instead of a column. A date stands for its close in New York.
    Options are European unless they say otherwise; the yield is 0 unless said, since the forward is implied.
    """
    named = {name: given.first_of(each) for name, each in NAMES.items()}
    for name, words in WORDS.items():
        _require(given, named[name] is not None, words)
    _refuse_strikes(given)
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
    doubt_rates(given.cursor, given.title)
    if not given.has("ingest_run_id"):
        doubt_instants(given.cursor, given.title, named["quoted_at"] or "quoted_at")
    present = {*constants, *(name for name in NUMBERS if given.has(name)), *(name for name in NAMES if named[name])}
    return _absent(present | ({"mid"} if present >= {"bid", "ask"} else set()))


def _absent(present: set[str]) -> tuple[str, ...]:
    return tuple(name for name in (*OPTIONAL, "dividend_yield") if name not in present)


def require_prices(given: Given) -> None:
    """Refuse quotes without a mid and without what it is the middle of."""
    for name in ("bid", "ask"):
        _require(given, given.has("mid") or given.has(name), repr(name))


def _require(given: Given, is_there: bool, column: str) -> None:
    if not is_there:
        found = ", ".join(theirs for theirs, _ in given.columns.values() if theirs != "given_row")
        raise DataError(f"{given.title} has no column {column}: {NEEDED}; found {found}")


def _refuse_strikes(given: Given) -> None:
    _require(given, given.has("strike"), "'strike'")
    strike = given.number("strike")
    given.refuse(f"{strike} is null", "has no strike", "strike")
    given.refuse(f"not ({strike} > 0 and isfinite({strike}))", "is no strike, which is a price above 0", "strike")


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


def _clean(given: Given) -> None:
    """NULL for what is no price, the mid where there is none, time to expiry, and what the quote is worth."""
    cursor = given.cursor
    wrong = " or ".join(f"isinf({name}) or {name} < 0" for name in NUMBERS)
    if count := cursor.execute(f"select count(*) from {QUOTES} where {wrong}").fetchall()[0][0]:
        warn(f"{given.title}: {rows_have(count)} a negative or infinite number, which counts as missing")
    numbers = (*NUMBERS, "rate", "dividend_yield")
    cleaned = ", ".join(
        f"case when isfinite({name})" + (f" and {name} >= 0" if name in NUMBERS else "") + f" then {name} end as {name}"
        for name in numbers
    )
    cursor.execute(f"create or replace temp table {QUOTES} as select * replace ({cleaned}) from {QUOTES}")
    mid, quality = _judged(given.has("mid"))
    cursor.execute(
        f"create or replace temp table {QUOTES} as select * replace ({mid} as mid), "
        "years_to_expiry(quoted_at, expires_at) as years, "
        "timezone('America/New_York', expires_at)::date as expiry_on "
        f"from (select *, {quality} as quality from {QUOTES})"
    )


def _judged(has_mid: bool) -> tuple[str, str]:
    """Mid and quality, in SQL: a mid that was given counts; else what the builds make of bid and ask."""
    if has_mid:
        return "nullif(mid, 0)", "case when mid > 0 then 'two_sided' when ask < bid then 'crossed' else 'no_quote' end"
    options = load_settings().options
    width = f"wide_share := {options.wide_share!r}::double, wide_floor := {options.wide_floor!r}::double"
    return "mid_price(bid, ask, quality)", f"quote_quality(bid, ask, {NOON}, {NOON}, 'America/New_York', {width})"
