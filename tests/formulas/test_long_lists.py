"""Figures of a whole sample hold a series as a list, which DuckDB's memory limit does not count: once, not per lag."""

import subprocess
import sys

import pytest

N = 300_000  # minutes; Schwert's rule gives them 88 lags
COPY_MB = N * 8 / 2**20
PROGRAM = """
import sys, duckdb
from quant.formulas import load_formulas
from quant.scale.task import peak_mb
with duckdb.connect(config={"threads": 1}) as connection:
    load_formulas(connection)
    connection.execute("set enable_progress_bar = false")
    connection.execute("create table held as select list(sin(i) + mod(i, 7)) as x from range(%d) r(i)")
    connection.execute("select list_avg(x) from held").fetchall()
    before = peak_mb()
    ((value,),) = connection.execute("select " + sys.argv[1] + " from held").fetchall()
    print(value is not None, peak_mb() - before)
"""


@pytest.mark.parametrize(
    "figure",
    [
        "long_run_variance_of(x, schwert_lags(len(x)))",
        "list_sum(autocorrelations_of(x, 88))",
        "variance_ratio_z_of(0.9, x, 88)",
    ],
)
def test_a_sum_over_lags_holds_no_copy_for_each_of_them(figure: str) -> None:
    """Of all lags at once they were 200 to 700; one after the other takes ten."""
    done = subprocess.run([sys.executable, "-c", PROGRAM % N, figure], capture_output=True, text=True, check=True)
    known, grown_mb = done.stdout.split()
    assert known == "True"
    assert float(grown_mb) < 24 * COPY_MB
