"""Risk: what holding a symbol over the whole sample brought and cost."""

import streamlit as st

from dashboard import badge, choices, data, formats, layout, links, tables, tiles
from dashboard.charts import style
from dashboard.charts.risk import growth as growth_chart
from dashboard.data import Record

POINTS = 400
FIGURES = ("cagr", "annual_vol", "sharpe", "sortino", "max_drawdown", "var_historical")
MORE = (
    "total_return", "calmar", "drawdown", "es_historical", "win_rate", "skewness_sample",
    "excess_kurtosis_sample", "beta", "jensen_alpha", "correlation",
)  # fmt: skip


def show() -> None:
    place = layout.header("Risk", "Whole-sample performance and risk on daily bars. Losses are negative.")
    instruments = {row["symbol"]: row for row in data.rows("instruments")}
    if not instruments:
        layout.empty("No risk figures yet", "Run `quant ingest equities`, then `quant build`.")
        return
    symbol = choices.choice("Symbol", list(instruments), key="symbol")
    badge.keep_fresh(place, badge.DAILY_DATASET[instruments[symbol]["asset_class"]], symbol)
    figures(symbol)


def figures(symbol: str) -> None:
    risk = data.row("risk", symbol=symbol)
    if risk is None:
        layout.empty(f"No risk figures of {symbol} yet", "Run `quant build`.")
        return
    catalog = data.catalog()
    for columns, names in ((6, FIGURES), (5, MORE)):
        grid = st.grid(columns, min_column_width=150, gap="xsmall")
        for name in names:
            about = {"unit": None, **catalog.get(name, {}), "metric": name, "value": risk[name]}
            tiles.metric(grid, about, links.Asked(symbol), border=columns == 6)
    explain(risk)
    growth(symbol)
    layout.provenance("`serving.latest_risk` and `serving.drawdown`", risk["source"], risk["as_of"])


def explain(risk: Record) -> None:
    st.caption(
        f"{risk['n_obs']:,} daily returns from {risk['first_session_date']} to {risk['session_date']}, annualised with "
        f"{risk['periods_per_year']:g} periods a year, risk-free rate {formats.percent(risk['risk_free_rate'])}. "
        f"Sharpe's standard error is {formats.ratio(risk['sharpe_se'])}. VaR and expected shortfall: one day, "
        f"{formats.percent(risk['var_confidence'], 0)}. Beta, alpha and correlation against {risk['benchmark']}."
    )


def growth(symbol: str) -> None:
    days = data.table("drawdown", symbol=symbol, points=POINTS)
    if days.num_rows == 0:
        layout.empty(f"No drawdown of {symbol} yet", "Run `quant build`.")
        return
    st.subheader("Growth and drawdown", anchor=False)
    title = f"{symbol}: cumulative return and drawdown from the highest value so far"
    style.show(growth_chart(days), f"growth_{symbol}", title)
    tables.data_table(f"growth_{symbol}", title, lambda: days)
