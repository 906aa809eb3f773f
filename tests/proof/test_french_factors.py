"""The S&P 500 on the factors of Fama and French, 1999 to 2018, against normal equations written out.

The data lie beside the project, not in it; without them this test is skipped and says so.
"""

import csv
import gzip
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

import quant
from quant.settings import PROJECT_PATH

DATA = PROJECT_PATH.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded market data are not beside the project")
NAMES = ("Mkt-RF", "SMB", "HML", "RF")


def read(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt") as file:
        return list(csv.DictReader(file))


def test_exposures_of_the_market_to_the_factors_are_those_of_the_normal_equations() -> None:
    """French's file is in per cent, and its month is the fraction of a second: 192607 is July 1926."""
    rows = read("french_factors_monthly.csv.gz")
    months = [int(row["Date"].partition(".")[2]) for row in rows]
    factors = {name: np.array([float(row[name]) / 100 for row in rows]) for name in NAMES}
    ts = pa.array([datetime(month // 100, month % 100, 1, tzinfo=UTC) for month in months])
    days = read("sp500_daily_1999_2018.csv.gz")
    bars = pa.table({"ts": [day["Date"] for day in days], "close": [float(day["Adj Close"]) for day in days]})
    found = quant.compute("factor_exposure", bars, factors=pa.table({"ts": ts, **factors}), lags=4)

    last: dict[int, float] = {int(day["Date"][:7].replace("-", "")): float(day["Adj Close"]) for day in days}
    shared = [month for month in sorted(last)[1:] if month in months]
    before = dict(zip(sorted(last)[1:], sorted(last), strict=False))
    place = [months.index(month) for month in shared]
    y = np.array([last[m] / last[before[m]] - 1 for m in shared]) - factors["RF"][place]
    x = np.column_stack([np.ones(len(y)), *(factors[name][place] for name in ("HML", "Mkt-RF", "SMB"))])
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    scores = x * (y - x @ b)[:, None]
    middle = sum((1 - abs(k) / 5) * scores[max(k, 0) : len(y) + min(k, 0)].T @ scores[max(-k, 0) : len(y) - max(k, 0)]
                 for k in range(-4, 5))  # fmt: skip
    assert found["factor"].to_pylist() == ["alpha", "hml", "mkt_rf", "smb"]
    assert set(found["n_obs"].to_pylist()) == {len(y)} and len(y) > 230
    np.testing.assert_allclose(found["exposure"], b, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["hac_standard_error"], np.sqrt(np.diag(inverse @ middle @ inverse)), rtol=1e-9)
    assert 0.9 < found["exposure"].to_pylist()[2] < 1.05  # it is the market
