"""How Sharpe ratio, volatility and beta moved."""

from dashboard import data, formats
from dashboard.charts.risk.trailing import rolling
from dashboard.data import Record
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

STRETCHES = 120
HOVERED = 450
NEWEST = (
    "rolling_sharpe", "rolling_sortino", "realized_vol", "rolling_beta", "rolling_correlation", "rolling_win_rate",
)  # fmt: skip


def show(subject: Subject) -> None:
    parts.figures(subject, NEWEST, parts.newest(subject), notes(subject.risk))
    days = data.table(
        "rolling",
        source=subject.source,
        symbol=subject.symbol,
        since=subject.since,
        stretches=STRETCHES,
        hovered=HOVERED,
    )
    whole = data.table("risk", symbol=subject.symbol).select(["sharpe", "annual_vol", "beta"])
    about = f"{subject.symbol}: trailing Sharpe ratio, volatility and beta against {subject.risk['benchmark']}"
    parts.drawn(
        f"rolling_{subject.symbol}",
        "Trailing Sharpe ratio, volatility and beta",
        days,
        lambda rows: rolling(rows, whole),
        about,
    )
    metrics = data.settings().metrics
    parts.explained(
        subject,
        ["rolling_sharpe", "realized_vol", "rolling_beta"],
        f"Sharpe ratio and beta over {metrics.window_long} days, volatility over {metrics.window_volatility}, "
        f"annualised; beta against {subject.risk['benchmark']}. Dashed: the figure of the whole sample. "
        "The figures above are the newest.",
    )
    parts.provenance(subject, "metrics", "latest_risk")


def notes(risk: Record) -> dict[str, str | None]:
    """Below the newest figure that of the whole sample."""
    return {
        "rolling_sharpe": f"{formats.ratio(risk['sharpe'])} in all",
        "rolling_sortino": f"{formats.ratio(risk['sortino'])} in all",
        "realized_vol": f"{formats.percent(risk['annual_vol'])} in all",
        "rolling_beta": f"{formats.ratio(risk['beta'])} in all",
        "rolling_correlation": f"{formats.ratio(risk['correlation'])} in all",
        "rolling_win_rate": f"{formats.percent(risk['win_rate'])} in all",
    }
