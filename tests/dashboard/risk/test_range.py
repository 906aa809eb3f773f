"""The range of the address is that of the charts over time."""

from datetime import timedelta

import pytest

from tests.dashboard.risk.shown import Ask, See, drawn

OVER_TIME = {"Overview": "growth", "Distribution": "value_at_risk", "Rolling": "rolling_beta", "Volatility": "series"}


@pytest.mark.parametrize("view", OVER_TIME)
def test_range_of_the_address_counts_for_charts_over_time(view: str, see: See, ask: Ask) -> None:
    ((newest,),) = ask("select as_of from serving.latest_risk where symbol = $symbol")
    shown = drawn(see(view, range="1Y"), "ts", OVER_TIME[view])
    assert newest - timedelta(days=365) <= min(row["ts"] for row in shown) <= newest - timedelta(days=340)
