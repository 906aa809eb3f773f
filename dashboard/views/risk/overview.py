"""The whole sample: key figures, growth and drawdown against the benchmark, the worst falls, and every other figure."""

import pyarrow as pa
import streamlit as st

from dashboard import data, formats, links, tables
from dashboard.charts.risk.growth import growth, sharpes
from dashboard.figure import figure
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

STRETCHES = 80  # of time, of each of which four lines keep first, last, lowest and highest
HOVERED = 450
FALLS = 8
SYMBOLS = 16
KEY_FIGURES = ("cagr", "annual_vol", "sharpe", "sortino", "max_drawdown", "var_historical")
RETURN = (
    "total_return", "win_rate", "profit_factor", "payoff_ratio", "gain_to_pain_monthly", "omega", "stability",
    "kelly_continuous",
)  # fmt: skip
TRUST = (
    "sharpe_low", "sharpe_high", "sharpe_se", "sharpe_lo_adjusted", "probabilistic_sharpe", "deflated_sharpe",
    "min_track_record_length",
)  # fmt: skip
LOSSES = (
    "drawdown", "avg_drawdown", "max_drawdown_duration_bars", "ulcer_index", "cdar", "calmar", "downside_deviation",
    "es_historical",
)  # fmt: skip
COMPARED = (
    "beta", "correlation", "jensen_alpha", "alpha_t_hac", "tracking_error", "information_ratio", "up_capture",
    "down_capture",
)  # fmt: skip


def show(subject: Subject) -> None:
    parts.figures(subject, KEY_FIGURES, subject.risk, notes(subject))
    explain(subject)
    falls = data.table("drawdowns", symbol=subject.symbol, since=subject.since, limit=FALLS)
    path(subject, falls)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        worst(subject, falls)
    with right:
        trust(subject)
    sheets(subject)
    parts.provenance(subject, "latest_risk", "drawdown", "drawdown_episodes")


def notes(subject: Subject) -> dict[str, str | None]:
    """What stands below a key figure; each number of it has a line of its own in the sheets below."""
    risk, confidence = subject.risk, data.settings().metrics.sharpe_confidence
    interval = f"{formats.ratio(risk['sharpe_low'])} to {formats.ratio(risk['sharpe_high'])}"
    return {
        "cagr": f"{formats.percent(risk['total_return'])} in all",
        "annual_vol": f"downside {formats.percent(risk['downside_deviation'])}",
        "sharpe": f"{formats.percent(confidence, 0)}: {interval}",
        "sortino": f"Calmar {formats.ratio(risk['calmar'])}",
        "max_drawdown": f"now {formats.percent(risk['drawdown'])}",
        "var_historical": f"ES {formats.percent(risk['es_historical'])}",
    }


def explain(subject: Subject) -> None:
    risk = subject.risk
    st.caption(
        f"{risk['n_obs']:,} daily returns from {risk['first_session_date']} to {risk['session_date']}, annualised with "
        f"{risk['periods_per_year']:g} periods a year, risk-free rate {formats.percent(risk['risk_free_rate'])}. "
        f"VaR and expected shortfall (ES): one day, {formats.percent(risk['var_confidence'], 0)}."
    )


def path(subject: Subject, falls: pa.Table) -> None:
    days = data.table(
        "growth",
        symbol=subject.symbol,
        benchmark=subject.risk["benchmark"],
        since=subject.since,
        stretches=STRETCHES,
        hovered=HOVERED,
    )
    against = f" and of its benchmark {subject.benchmark}" if subject.benchmark else ""
    about = f"{subject.symbol}: cumulative return and drawdown{against}; the worst falls are numbered"
    parts.drawn(f"growth_{subject.symbol}", "Growth and drawdown", days, lambda rows: growth(rows, falls), about)
    parts.explained(
        subject,
        ["cumulative_return", "drawdown", "drawdown_episodes"],
        "Numbers: the worst drawdowns of the whole history, as in the table.",
    )


def worst(subject: Subject, falls: pa.Table) -> None:
    title = "Worst drawdowns"
    st.subheader(title, anchor=False)
    lines = [
        [
            str(fall["rank"]),
            links.to_explanation(formats.percent(fall["depth"]), "drawdown_episodes", subject.asked()),
            f"{fall['peak']:%Y-%m-%d}",
            f"{fall['trough']:%Y-%m-%d}",
            f"{fall['recovery']:%Y-%m-%d}" if fall["is_recovered"] else "not yet",
            formats.count(fall["bars_to_trough"]),
            formats.count(fall["bars_to_recover"]),
        ]
        for fall in falls.to_pylist()
    ]
    heads = ["#", ">Depth", "Peak", "Trough", "Recovery", ">Days down", ">Days back"]
    parts.table(heads, lines)
    st.caption("Days are trading days. The numbers stand in the chart of drawdowns above.")
    tables.data_table(f"drawdowns_{subject.symbol}", f"{subject.symbol}: {title.lower()}", lambda: falls)


def trust(subject: Subject) -> None:
    rows = data.table("sharpes", symbol=subject.symbol, limit=SYMBOLS)
    confidence = formats.percent(data.settings().metrics.sharpe_confidence, 0)
    title = f"Sharpe ratios with their {confidence} intervals"
    if rows.num_rows:
        figure("sharpes", title, sharpes(rows), rows, f"{title}, {subject.symbol} beside the other symbols")
    parts.explained(subject, ["sharpe", "sharpe_low", "sharpe_high"])


def sheets(subject: Subject) -> None:
    titles = {
        "Return": RETURN,
        "Is the Sharpe ratio luck?": TRUST,
        "Losses": LOSSES,
        f"Against {subject.risk['benchmark']}": COMPARED,
    }
    for place, (title, names) in zip(st.columns(4, gap="medium"), titles.items(), strict=True):
        with place:
            parts.sheet(subject, title, names, subject.risk)
