"""The overview of a symbol: key figures with their limits, growth, falls, and what the Sharpe ratio is worth."""

from datetime import timedelta

import pytest

from tests.dashboard.risk.shown import SYMBOL, Ask, See, drawn, lines, record, tiles

HISTORY = "select ts, cumulative_return, drawdown from serving.drawdown where symbol = '{symbol}' and interval = '1d'"


def test_key_figures_are_those_of_the_whole_sample_with_their_limits(see: See, ask: Ask) -> None:
    risk = record(ask, "serving.latest_risk")
    shown = tiles(see("Overview"))
    assert shown == {
        "cagr": (f"{risk['cagr']:.2%}", f"{risk['total_return']:.2%} in all"),
        "annual_vol": (f"{risk['annual_vol']:.2%}", f"downside {risk['downside_deviation']:.2%}"),
        "sharpe": (f"{risk['sharpe']:.2f}", f"95%: {risk['sharpe_low']:.2f} to {risk['sharpe_high']:.2f}"),
        "sortino": (f"{risk['sortino']:.2f}", f"Calmar {risk['calmar']:.2f}"),
        "max_drawdown": (f"{risk['max_drawdown']:.2%}", f"now {risk['drawdown']:.2%}"),
        "var_historical": (f"{risk['var_historical']:.2%}", f"ES {risk['es_historical']:.2%}"),
    }
    # 1.959964 is the normal quantile of 97.5 %, by any table of it.
    assert risk["sharpe_high"] - risk["sharpe"] == pytest.approx(1.959963984540054 * risk["sharpe_se"], rel=1e-12)


def test_sheets_say_every_other_figure_of_the_whole_sample(see: See, ask: Ask) -> None:
    risk, shown = record(ask, "serving.latest_risk"), lines(see("Overview"))
    assert len(shown) >= 30
    for name, (text,) in shown.items():
        if text == "n/a":
            assert risk[name] is None, name
            continue
        tolerance = 0.5 * 10 ** -len(text.rstrip("%").partition(".")[2])  # of the last digit shown
        number = float(text.rstrip("%").replace(",", ""))
        assert number == pytest.approx(risk[name] * (100 if text.endswith("%") else 1), abs=tolerance * 1.001), name


def test_growth_counts_from_the_first_day_shown_and_keeps_every_trough(see: See, ask: Ask) -> None:
    shown = drawn(see("Overview"), "growth", "drawdown")
    of = {
        symbol: {ts: (value, fall) for ts, value, fall in ask(HISTORY.format(symbol=symbol))}
        for symbol in (SYMBOL, "SPY")
    }
    days = sorted(of[SYMBOL])
    assert (shown[0]["ts"], shown[-1]["ts"]) == (days[0], days[-1])
    for row in shown:
        assert [row["drawdown"], row["benchmark_drawdown"]] == [of[name][row["ts"]][1] for name in of]
        for name, growth in zip(of, (row["growth"], row["benchmark_growth"]), strict=True):
            ((first, _), (value, _)) = of[name][days[0]], of[name][row["ts"]]
            assert growth == pytest.approx((1 + value) / (1 + first) - 1, rel=1e-12, abs=1e-15)
    for column, place in (("drawdown", SYMBOL), ("benchmark_drawdown", "SPY")):
        assert min(row[column] for row in shown) == min(fall for _, fall in of[place].values())


def test_growth_over_a_range_begins_at_zero_and_the_benchmark_has_no_other(see: See) -> None:
    whole, year = drawn(see("Overview"), "growth"), drawn(see("Overview", range="1Y"), "growth")
    assert year[0]["growth"] == year[0]["benchmark_growth"] == 0
    assert year[-1]["ts"] - year[0]["ts"] < timedelta(days=366) < whole[-1]["ts"] - whole[0]["ts"]
    alone = drawn(see("Overview", symbol="SPY"), "growth")
    assert {(row["benchmark"], row["benchmark_growth"], row["benchmark_drawdown"]) for row in alone} == {(None,) * 3}


def test_worst_falls_stand_in_the_table_and_in_the_chart(see: See, ask: Ask) -> None:
    page = see("Overview")
    expected = ask(
        """
        select rank, depth, peak, trough, recovery, bars_to_trough, bars_to_recover from serving.drawdown_episodes
        where symbol = $symbol and interval = '1d' order by depth limit 8
        """
    )
    assert [row[0] for row in expected] == list(range(1, len(expected) + 1))
    bands = drawn(page, "rank", "shown_from")
    names = ("rank", "depth", "peak", "trough", "recovery", "bars_to_trough", "bars_to_recover")
    assert [tuple(row[name] for name in names) for row in bands] == expected
    assert [(row["shown_from"], row["shown_trough"]) for row in bands] == [(row[2], row[3]) for row in expected]
    (table,) = [text.value for text in page.markdown if "| Peak |" in str(text.value)]
    for line, (rank, depth, peak, trough, *_) in zip(table.splitlines()[2:], expected, strict=True):
        cells = line.strip("| ").split(" | ")
        assert cells[0] == str(rank) and f"[{depth:.2%}](/catalogue?metric=drawdown_episodes" in cells[1]
        assert cells[2:4] == [f"{peak:%Y-%m-%d}", f"{trough:%Y-%m-%d}"]


def test_falls_before_the_range_leave_the_chart_not_the_table(see: See, ask: Ask) -> None:
    bands = drawn(see("Overview", range="1Y"), "rank", "shown_from")
    ((newest,),) = ask("select as_of from serving.latest_risk where symbol = $symbol")
    begins = newest - timedelta(days=365)
    for row in bands:
        is_shown = not row["is_recovered"] or row["recovery"] >= begins
        assert (row["shown_from"] is not None) == (row["shown_until"] is not None) == is_shown
        assert row["shown_trough"] == (row["trough"] if row["trough"] >= begins else None)
        assert row["shown_from"] is None or row["shown_from"] == max(row["peak"], begins)


def test_each_symbol_has_its_sharpe_interval(see: See, ask: Ask) -> None:
    shown = drawn(see("Overview"), "sharpe_low", "is_chosen")
    expected = ask("select symbol, sharpe, sharpe_low, sharpe_high, symbol = $symbol from serving.latest_risk")
    assert {tuple(row.values()) for row in shown} == set(expected)
    assert len(shown) == 7  # config.yaml: three coins and four equities
