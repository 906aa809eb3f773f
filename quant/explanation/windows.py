"""How many of the newest bars a figure was made of, where its formula looks back over a window."""

from quant.explanation.places import Place, Row
from quant.explanation.statements import Arguments, called, given_rows, trailing_rows
from quant.metrics import Metric
from quant.warehouse import Reading

SHOWN = 50  # values that the window has to give again: one alone could agree by chance
LEAST = 10
LENGTH = """
select count(*) filter (where ts <= (select min(ts) from {call} where value is not null)) as count_window,
    count(*) as count_bars
from bars
"""
SAME = """
select coalesce(bool_and(abs(whole.value - part.value) <= 1e-9 * abs(whole.value)), false) as is_same
from (select ts, value from {call} order by ts desc limit {shown}) as whole
left join {part} as part using (ts)
"""


def window_of(reading: Reading, metric: Metric | None, arguments: Arguments, place: Place, row: Row) -> int | None:
    """Found out, not declared: NULL until the window is full, and the same from the window's bars alone.

    None where every bar entered (a recursion, the whole sample), or where history is too short to tell.
    """
    rows = trailing_rows(metric, place, row) if metric and _is_number(row["value"]) else {}
    if metric is None or not rows:
        return None
    call = called(metric, metric.relations, arguments)
    found = next(iter(reading.rows(given_rows(rows) + LENGTH.format(call=call))))
    window, shown = found["count_window"], min(SHOWN, found["count_bars"] - found["count_window"])
    if not window or shown < LEAST:
        return None
    newest = f"    from bars\n    order by ts desc\n    limit {window + shown - 1}"
    part = called(metric, [{"bars": "newest"}.get(name, name) for name in metric.relations], arguments)
    text = given_rows({**rows, "newest": newest}) + SAME.format(call=call, part=part, shown=shown)
    return window if next(iter(reading.rows(text)))["is_same"] else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
