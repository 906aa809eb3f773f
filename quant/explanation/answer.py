"""The explanation of one stored figure, put together from serving.* and meta.* of one build."""

from collections.abc import Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

from quant.explanation.inputs import inputs_of
from quant.explanation.lineage import lineage_of
from quant.explanation.places import Asked, Place, Row, find_row, keys_of, places
from quant.explanation.refusals import NotStoredError, SeveralSourcesError, UnknownNameError
from quant.explanation.statements import statement
from quant.explanation.windows import window_of
from quant.metrics import Metric, metrics, near_names, read_parameters
from quant.warehouse import Reading
from quant.wording import command_of

# Columns of serving that are a metric of the catalogue with a parameter of its own.
ALIASES = {"atm_iv_30d": ("atm_iv_constant_maturity", {"days": "30"})}
CATALOG = """
select metric, unit, formula, macro, parameters, source, range, description, stored_in, example
from meta.catalog
where metric = $metric
"""
NAMES = "select distinct metric from meta.catalog order by metric"
FORMULAS = """
select macro, kind, signature, body, comment, notes, file, line
from meta.formulas
where macro in ($macro, $formula)
order by macro = $macro desc, kind = 'table' desc, line
"""
SYMBOLS = """
select symbol
from (
    select distinct symbol from serving.latest_metrics
    union
    select portfolio from serving.portfolio_summary
    union
    select underlying from serving.option_chains
)
order by symbol
"""


def explain(reading: Reading, metric: str, asked: Asked) -> dict[str, Any]:
    """The figure, its formula, parameters, SQL, lineage, inputs and runs; see quant.explanation.refusals."""
    name = metric.lower()
    catalogued = ALIASES.get(name, (name, {}))[0]
    entry = next(iter(reading.rows(CATALOG, {"metric": catalogued})), None)
    if entry is None:
        raise _unknown_metric(reading, metric)
    place, row = _stored(reading, name, entry, asked)
    macro = metrics().get(entry["macro"] or "")
    arguments = {**arguments_of(entry["parameters"]), **ALIASES.get(name, (name, {}))[1]}
    window = window_of(reading, macro, arguments, place, row)
    inputs = inputs_of(reading, macro, place, row, window)
    formulas = reading.rows(FORMULAS, {"macro": entry["macro"], "formula": entry["formula"]})
    return {
        "metric": name,
        **_figure(entry, place, row, inputs),
        "window": window,
        "formulas": formulas,
        "parameters": _parameters(macro, arguments, inputs),
        **asdict(statement(macro, name, entry, arguments, place, row)),
        "lineage": lineage_of(reading, entry["stored_in"] if place.metric else place.stored_in),
        "inputs": inputs,
    }


def _figure(entry: Row, place: Place, row: Row, inputs: list[Row]) -> Row:
    """The figure itself: whose it is, what it is, and what tells it from others of the same name."""
    keys = keys_of(place, row)
    own = ("metric", "interval", place.source, place.subject)
    return {
        "symbol": row["subject"],
        "source": keys.get(place.source) if place.source else None,
        "interval": keys.get("interval"),
        "keys": {each: value for each, value in keys.items() if each not in own},
        "value": row["value"],
        "unit": entry["unit"],
        "periods_per_year": _periods_per_year(inputs),
        "as_of": _as_of(place, row, inputs),
        "description": entry["description"],
        "range": entry["range"],
        "reference": entry["source"],
        "stored_in": place.stored_in,
    }


def _as_of(place: Place, row: Row, inputs: list[Row]) -> object:
    """The end of the newest bar, where the stored row says its start alone; the start where no bars are told."""
    if place.as_of != "ts":
        return row["as_of_found"]
    return max((each["last_ts"] for each in inputs if each["role"] == "bars"), default=row["as_of_found"])


def arguments_of(text: str | None) -> dict[str, str]:
    """`n := 21, ppy := null` of the catalogue by name."""
    found, _ = read_parameters(f"{text or ''})", 0)
    return {each.name: each.default for each in found}


def _stored(reading: Reading, name: str, entry: Row, asked: Asked) -> tuple[Place, Row]:
    """The first place that has a value; else the first that has a row, where the figure is not knowable yet."""
    empty: tuple[Place, Row] | None = None
    for place in places(reading, name, entry["stored_in"]):
        row = find_row(reading, place, asked)
        if row is None:
            continue
        if (row.get("count_sources") or 1) > 1 and asked.source is None:
            raise _several_sources(reading, place, asked)
        if row["value"] is not None:
            return place, row
        empty = empty or (place, row)
    if empty is None:
        raise _not_stored(reading, name, entry, asked)
    return empty


def _parameters(metric: Metric | None, arguments: Mapping[str, str], inputs: list[Row]) -> list[Row]:
    """What the formula was given: by name, with the default, and what stands for NULL."""
    defaults = {each.name: each.default for each in metric.parameters} if metric else {}
    bars_per_year = _periods_per_year(inputs)
    found = []
    for name, value in arguments.items():
        is_of_bars = name == "ppy" and value == "null" and bars_per_year is not None
        found.append({
            "name": name, "value": f"{bars_per_year:g}" if is_of_bars else value, "default": defaults.get(name),
            "origin": "periods_per_year of the bars" if is_of_bars
            else "default" if defaults.get(name) == value else "config.yaml",
        })  # fmt: skip
    benchmark = next((each["symbol"] for each in inputs if each["role"] == "benchmark"), None)
    said = {"name": "benchmark", "value": benchmark, "default": None, "origin": "config.yaml"}
    return [*found, said] if benchmark else found


def _periods_per_year(inputs: list[Row]) -> float | None:
    return next((each["periods_per_year"] for each in inputs if each.get("periods_per_year")), None)


def _unknown_metric(reading: Reading, metric: str) -> UnknownNameError:
    names = [row["metric"] for row in reading.rows(NAMES)]
    near = near_names(metric, names)
    hint = f"did you mean {' or '.join(near)}?" if near else "`quant metrics` and /catalog list all"
    return UnknownNameError(f"there is no metric {metric}: {hint}", near)


def _several_sources(reading: Reading, place: Place, asked: Asked) -> SeveralSourcesError:
    condition = f"upper({place.subject}) = upper($symbol)"
    query = f"select distinct {place.source} as source from {place.rows} where {condition} order by source"
    sources = [row["source"] for row in reading.rows(query, {"symbol": asked.symbol})]
    return SeveralSourcesError(f"{asked.symbol} comes from {', '.join(sources)}: say which source", sources)


def _not_stored(reading: Reading, name: str, entry: Row, asked: Asked) -> UnknownNameError | NotStoredError:
    symbols = [row["symbol"] for row in reading.rows(SYMBOLS)]
    if asked.symbol.upper() not in {each.upper() for each in symbols}:
        spelt = {each.upper(): each for each in symbols}
        near = [spelt[each] for each in get_close_matches(asked.symbol.upper(), spelt, 3, 0.6)]
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(symbols[:20])}"
        return UnknownNameError(
            f"there is no symbol, portfolio or underlying {asked.symbol}: {hint}", near or symbols[:20]
        )
    said = [f"{each} {value}" for each, value in _narrowed(asked).items() if value]
    where = f" ({', '.join(said)})" if said else ""
    kept = f"it is kept in {entry['stored_in']}" if entry["stored_in"] else "no build keeps it"
    macro = metrics().get(entry["macro"] or "")
    remedy = f"compute it: {command_of(macro)}" if macro else f"ask for it: {entry['example']}"
    if entry["stored_in"] and said:
        remedy = f"leave {' and '.join(each for each, value in _narrowed(asked).items() if value)} out, or {remedy}"
    return NotStoredError(f"{name} is not stored for {asked.symbol}{where}; {kept}; {remedy}")


def _narrowed(asked: Asked) -> dict[str, object]:
    return {"source": asked.source, "interval": asked.interval, "expiry": asked.expiry, **asked.keys}
