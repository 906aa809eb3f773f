"""The statement that yields a stored figure again: the metric's macro on the rows that it was computed from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from quant.explanation.contracts import EXPRESSIONS
from quant.explanation.places import Place, Row, conditions_of, constant, keys_of, stored_statement
from quant.metric_examples import HISTORY_MACROS
from quant.metrics import Metric
from quant.wording import command_of
from udfs.arrow_udfs import FUNCTIONS

Arguments = Mapping[str, str]
TABLES = {"bars": "serving.final_bars", "benchmark": "serving.benchmark_bars"}
TRAILING = ("drawdown",)  # also where it stands among figures of the whole sample
PARITY = "put_call_parity_residual"
# The year of a comparison is that of whoever trades on fewer days.
SHORTER_YEAR = """\
    select * replace (
        least(periods_per_year, (select min(periods_per_year) from benchmark)) as periods_per_year
    )"""
FUNCTION_NAMES = tuple(function.name for function in FUNCTIONS)
PYTHON = (
    "its formula needs functions that are Python, which the DuckDB prompt has not: computed_sql runs in `quant sql`"
)
NO_MACRO = "no macro gives this figure by itself: {formula} is applied where it is stored, see the lineage"
HELD = "it is computed with what the portfolio's members weigh, see the lineage; `quant compute` takes weights of yours"
PAIRS = "days of two markets are matched where it is stored, see the lineage"
TRADES = "it is computed from trades, and of old ones the bars are kept"
UNKNOWN = "the build knows no value: history is too short, or the figure is not computed of these bars"


@dataclass(frozen=True)
class Statement:
    """`sql` runs at the DuckDB prompt as it stands; `note` says why it selects the stored figure, where it does."""

    sql: str
    stored_sql: str
    computed_sql: str | None
    compute: str | None
    note: str | None


def statement(metric: Metric | None, name: str, entry: Row, arguments: Arguments, place: Place, row: Row) -> Statement:
    """By macro where a macro does it in SQL, else the stored figure with the reason."""
    stored = stored_statement(place, row)
    command = command_of(metric) if metric else None
    if row["value"] is None:
        return Statement(stored, stored, None, command, UNKNOWN)
    if (own := _without_macro(name, place, row)) is not None:
        return Statement(own, stored, own, command, None)
    if metric is None:
        return Statement(stored, stored, None, None, NO_MACRO.format(formula=entry["formula"] or "its formula"))
    if metric.relations[0] == "trades":
        return Statement(stored, stored, None, command, TRADES)
    relations = _relations(metric, place, row)
    if relations is None:
        return Statement(stored, stored, None, command, HELD if place.subject == "portfolio" else PAIRS)
    computed = _computed(metric, arguments, relations, place, row)
    if metric.uses(FUNCTION_NAMES):
        return Statement(stored, stored, computed, command, PYTHON)
    return Statement(computed, stored, computed, command, None)


def _without_macro(name: str, place: Place, row: Row) -> str | None:
    """What a formula for columns gives, on the columns that are stored beside it."""
    if place.relation == "serving.latest_metrics" and name == "excess_return":
        return _excess_return(place, row)
    if place.subject != "underlying" or name not in EXPRESSIONS:
        return None
    where = conditions_of(keys_of(place, row))
    return f"select {EXPRESSIONS[name]} as value\nfrom {place.relation}\nwhere {where};"


def _computed(metric: Metric, arguments: Arguments, relations: Mapping[str, str], place: Place, row: Row) -> str:
    given = {**arguments, **_given_by_place(metric, place, row)}
    told = _told(metric, place, row)
    end = f"\nwhere {conditions_of(told)}" if told else ""
    newest = "\norder by ts desc\nlimit 1" if _is_newest(metric, place) else ""
    return f"{given_rows(relations)}\nselect value\nfrom {called(metric, metric.relations, given)}{end}{newest};"


def given_rows(relations: Mapping[str, str]) -> str:
    """Each relation as a CTE of its name."""
    return "with\n\n" + ",\n\n".join(f"{name} as (\n{body}\n)" for name, body in relations.items()) + "\n"


def called(metric: Metric, relations: Iterable[str], arguments: Arguments) -> str:
    named = [*(f"'{name}'" for name in relations), *(f"{name} := {value}" for name, value in arguments.items())]
    return f"{metric.name}({', '.join(named)})"


def trailing_rows(metric: Metric, place: Place, row: Row) -> Mapping[str, str]:
    """The relations that a value of each bar of a symbol was computed from, in SQL; none of other figures."""
    is_of_bar = place.subject == "symbol" and (_is_newest(metric, place) or place.time == "ts")
    is_plain = metric.gives_value and metric.relations[0] == "bars" and not metric.uses(FUNCTION_NAMES)
    return _relations(metric, place, row) or {} if is_of_bar and is_plain else {}


def _told(metric: Metric, place: Place, row: Row) -> Row:
    """Which row of what the macro gives is meant."""
    keys = keys_of(place, row)
    told = {name: keys[name] for name in ("expires_at", "a", "b", "ts") if name in keys}
    told |= {name: keys[name] for name in ("strike", "is_call") if name in keys and metric.is_of_options}
    for name in ("lag", "holding_bars"):
        told |= {"k": keys[name]} if name in keys else {}
    if metric.uses(HISTORY_MACROS):
        told["quoted_at"] = row["as_of_found"]
    if place.relation == "serving.portfolios":
        told["ts"] = datetime.combine(keys["session_date"], time(), UTC)
    return told


def _is_newest(metric: Metric, place: Place) -> bool:
    """A trailing metric has a value for each bar; where the place does not say which, the newest is meant."""
    is_pair = place.relation == "serving.rolling_correlations"
    is_trailing = place.metric is not None or metric.name in TRAILING
    return (is_trailing or is_pair) and not metric.is_of_options and place.relation != "serving.portfolios"


def _given_by_place(metric: Metric, place: Place, row: Row) -> dict[str, str]:
    """Arguments that the row says: the days of a constant maturity, the stake, one expiry instead of all."""
    known = {each.name for each in metric.parameters}
    keys = keys_of(place, row)
    given = {name: constant(keys[name]) for name in ("days", "fraction") if name in known and name in keys}
    if "per_expiry" in known:
        given["per_expiry"] = constant("expires_at" in keys)
    if "weights" in known and place.relation == "serving.portfolio_summary":
        given["weights"] = "held_weights"
    return given


def _relations(metric: Metric, place: Place, row: Row) -> dict[str, str] | None:
    """Each relation that the macro is given, as a CTE of its name; None where no rows can be given."""
    if metric.is_of_options:
        return _of_chain(metric, place, row) if place.subject == "underlying" else None
    if place.subject == "portfolio":
        return _of_portfolio(metric, place, row)
    keys = keys_of(place, row)
    if place.subject == "a":
        is_told = keys["source_a"] == keys["source_b"] and keys["a"] != keys["b"]
        return {"bars": _pair(keys)} if is_told else None
    if "interval" not in keys or not set(metric.relations) <= set(TABLES):
        return None
    series = {name: keys[name] for name in ("source", "symbol", "interval")}
    return {name: _select(TABLES[name], series) for name in metric.relations}


def _pair(keys: Row) -> str:
    one, other = (_as_text(keys, *names) for names in (("source_a", "a"), ("source_b", "b")))
    return f"    from serving.final_bars\n    where interval = '1d' and (source, symbol) in ({one}, {other})"


def _as_text(keys: Row, source: str, symbol: str) -> str:
    return f"({constant(keys[source])}, {constant(keys[symbol])})"


def _of_chain(metric: Metric, place: Place, row: Row) -> dict[str, str]:
    """The quotes of the chain; parity is judged of priced ones, because their rate is that of the forwards."""
    keys = keys_of(place, row)
    chain = {name: keys[name] for name in ("source", "underlying", "ingest_run_id") if name in keys}
    if metric.uses(HISTORY_MACROS):
        chain.pop("ingest_run_id", None)
    daily = {"symbol": keys["underlying"], "interval": "1d"}
    tables = {
        "quotes": _select("options.priced_quotes" if metric.name == PARITY else "options.quotes", chain),
        "priced": _select("options.priced_quotes", chain),
        "bars": _select("serving.final_bars", daily),
    }
    return {name: tables[name] for name in metric.relations}


def _of_portfolio(metric: Metric, place: Place, row: Row) -> dict[str, str] | None:
    """The portfolio as a series; the risk of what it holds is computed from its members' bars."""
    name = keys_of(place, row)["portfolio"]
    if place.relation not in ("serving.portfolio_summary", "serving.portfolios"):
        return None
    if place.relation == "serving.portfolios" and "weights" in {each.name for each in metric.parameters}:
        return None
    if "weights" in {each.name for each in metric.parameters}:
        return {"bars": _select("portfolio.held_bars", {"portfolio": name})}
    own = _select("portfolio.bars", {"symbol": name})
    if "benchmark" not in metric.relations:
        return {"bars": own}
    benchmark = _select("portfolio.benchmark_bars", {"symbol": name})
    if place.relation == "serving.portfolios":
        return {"benchmark": benchmark, "bars": own}
    return {"benchmark": benchmark, "bars": f"{SHORTER_YEAR}\n{own}"}


def _select(table: str, keys: Mapping[str, object]) -> str:
    return f"    from {table}\n    where {conditions_of(keys)}"


def _excess_return(place: Place, row: Row) -> str:
    keys = keys_of(place, row)
    bars = _select("serving.final_bars", {name: keys[name] for name in ("source", "symbol", "interval")})
    rate = "(select max(risk_free_rate) from serving.latest_risk)"
    return (
        f"with\n\nbars as (\n{bars}\n)\n\nselect excess_return as value\n"
        f"from excess_returns('bars', {rate}, null)\norder by ts desc\nlimit 1;"
    )
