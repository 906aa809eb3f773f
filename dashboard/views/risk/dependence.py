"""Whether returns follow from earlier ones, whether volatility clusters, and whether the price comes back."""

from functools import partial

import streamlit as st

from dashboard import data, formats, layout
from dashboard.charts.risk.dependence import correlogram
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

CONFIDENCE = 0.95  # of the bounds that chance alone keeps
KEY_FIGURES = ("durbin_watson", "half_life", "hurst_rs_corrected", "hurst_rs", "hurst_lagged_std")
TESTS = (
    ("Ljung-Box, 10 lags", "ljung_box_stat", "ljung_box_pvalue", "returns follow from earlier ones"),
    ("ARCH-LM, 5 lags", "arch_lm_stat", "arch_lm_pvalue", "wild days come in clusters"),
    ("Augmented Dickey-Fuller", "adf_stat", "adf_pvalue", "the price comes back to a mean"),
    ("Phillips-Perron", "phillips_perron_stat", "phillips_perron_pvalue", "the price comes back to a mean"),
    ("KPSS", "kpss_stat", "kpss_pvalue", "the price wanders off"),
)
BOUNDS = f"Dashed: chance alone stays within, with {formats.percent(CONFIDENCE, 0)}. Full colour: beyond."
TITLES = {"autocorrelation": "Autocorrelation", "partial_autocorrelation": "Partial autocorrelation"}


def show(subject: Subject) -> None:
    interval = subject.interval
    tests = data.row("series_tests", symbol=subject.symbol, interval=interval)
    if tests is None:
        layout.empty(f"No tests of {interval} bars of {subject.symbol} yet", parts.MISSING)
        return
    parts.figures(subject, KEY_FIGURES, tests, interval=interval)
    st.caption(
        f"{tests['n_obs']:,} log returns of {interval} bars. Durbin-Watson: 2 without autocorrelation. Hurst exponent: "
        "0.5 for a random walk, above it trends, below it returns to a mean. Half-life in bars."
    )
    lags = data.table("autocorrelations", symbol=subject.symbol, interval=interval, confidence=CONFIDENCE)
    for place, (field, title) in zip(st.columns(2, gap="medium"), TITLES.items(), strict=True):
        with place:
            parts.drawn(
                f"{field}_{subject.symbol}_{interval}",
                f"{title} of log returns",
                lags,
                partial(correlogram, field=field, title=title),
                f"{subject.symbol}: {title.lower()} of {interval} log returns by lag, with the bounds of chance",
            )
            parts.explained(subject, [field], BOUNDS, interval)
    st.subheader("Tests of the series", anchor=False)
    parts.tests(subject, TESTS, tests, interval)
    parts.provenance(subject, "autocorrelations", "series_tests")
