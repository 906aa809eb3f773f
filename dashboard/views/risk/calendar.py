"""What each month of each year returned, and whether months or weekdays differ."""

import streamlit as st

from dashboard import data
from dashboard.charts.calendar import months, seasons
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

YEARS = 30  # of 13 cells, each a rectangle and a number for wide and for narrow windows
TITLES = {"month": "Mean daily return by month", "weekday": "Mean daily return by weekday"}


def show(subject: Subject) -> None:
    cells = data.table("months", source=subject.source, symbol=subject.symbol, years=YEARS)
    about = f"{subject.symbol}: return of each month and year, dividends reinvested"
    parts.drawn(f"months_{subject.symbol}", "Monthly returns", cells, months, about)
    parts.explained(subject, ["total_return"], "Dividends reinvested; the year compounds its months.")
    for place, (period, title) in zip(st.columns(2, gap="medium"), TITLES.items(), strict=True):
        with place:
            season(subject, period, title)
    parts.explained(subject, ["seasonality"], "Full colour: the t statistic is beyond 2. Pale: chance explains it.")
    parts.provenance(subject, "monthly_returns", "seasonality")


def season(subject: Subject, period: str, title: str) -> None:
    rows = data.table("seasons", symbol=subject.symbol, period=period)
    about = f"{subject.symbol}: {title.lower()}"
    parts.drawn(f"{period}s_of_{subject.symbol}", title, rows, lambda table: seasons(table, period), about)
