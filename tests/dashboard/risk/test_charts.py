"""What every chart of the risk page keeps to."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from dashboard.charts.style import MOST_MARKS
from dashboard.views.risk import VIEWS
from tests.dashboard.risk.shown import SYMBOL, Ask, See, datasets, drawn

OVER_TIME = {"Overview": "growth", "Distribution": "value_at_risk", "Rolling": "rolling_beta", "Volatility": "series"}


@pytest.mark.parametrize("view", OVER_TIME)
def test_range_of_the_address_counts_for_charts_over_time(view: str, see: See, ask: Ask) -> None:
    ((newest,),) = ask("select as_of from serving.latest_risk where symbol = $symbol")
    shown = drawn(see(view, range="1Y"), "ts", OVER_TIME[view])
    assert newest - timedelta(days=365) <= min(row["ts"] for row in shown) <= newest - timedelta(days=355)


@pytest.mark.parametrize("view", VIEWS)
def test_no_chart_has_so_many_marks_that_it_leaves_svg(view: str, see: See) -> None:
    for symbol in (SYMBOL, "BTCUSDT"):
        for chart in see(view, symbol=symbol).get("vega_lite_chart"):
            rows = {name: table.num_rows for name, table in datasets(chart).items()}
            assert 0 < marks(json.loads(chart.proto.spec), rows, 0) <= MOST_MARKS


def marks(spec: dict[str, Any], rows: dict[str, int], inherited: int) -> int:
    """One a row, as if no transformation took any away; a line or an area is one in all."""
    own = rows.get(spec.get("data", {}).get("name", ""), inherited)
    parts = [*spec.get("layer", []), *spec.get("vconcat", [])]
    if parts:
        return sum(marks(part, rows, own) for part in parts)
    return 1 if spec["mark"]["type"] in {"line", "area"} else own


@pytest.mark.parametrize("view", VIEWS)
def test_a_specification_does_not_depend_on_its_data(view: str, see: See) -> None:
    """Of two symbols: the same but for the names of their tables, so that only rows are swapped."""
    specs = []
    for symbol in (SYMBOL, "BTCUSDT"):
        charts = see(view, symbol=symbol).get("vega_lite_chart")
        tables = [(chart.proto.spec, list(datasets(chart))) for chart in charts]
        for spec, names in tables:
            specs.append((symbol, re.sub("|".join(filter(None, names)) or "$", "rows", spec)))
    assert [spec for symbol, spec in specs if symbol == SYMBOL] == [spec for symbol, spec in specs if symbol != SYMBOL]
