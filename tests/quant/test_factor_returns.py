"""A user's file of factor returns: read, refused with file, column, value and remedy, and part of the fingerprint."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from quant import compute
from quant.computation import _make_engine
from quant.errors import ConfigError
from quant.factor_returns import factor_returns
from quant.fingerprint import fingerprint
from quant.settings import load_settings

GOOD = "date,Mkt-RF,SMB,RF\n2024-01-31,0.01,-0.02,0.001\n2024-02-29,0.03,,0.001\n"


def written(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / "factors.csv"
    path.write_text(text)
    monkeypatch.setenv("QUANT_FACTORS__FILE", str(path))
    return path


def test_a_file_is_a_row_per_factor_and_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD, monkeypatch)
    rows = factor_returns(load_settings()).to_pylist()
    assert [(row["ts"].date().isoformat(), row["factor"], row["value"]) for row in rows] == [
        ("2024-01-31", "mkt_rf", 0.01), ("2024-02-29", "mkt_rf", 0.03), ("2024-01-31", "rf", 0.001),
        ("2024-02-29", "rf", 0.001), ("2024-01-31", "smb", -0.02), ("2024-02-29", "smb", None),
    ]  # fmt: skip
    assert {row["frequency"] for row in rows} == {"monthly"}


def test_without_a_file_there_are_no_rows() -> None:
    assert factor_returns(load_settings()).num_rows == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,smb\n2024-01-31,2 %\n", r"factors.csv, row 1: smb = '2 %' is not a number: write it with a decimal"),
        ("date,smb\nJanuary,0.01\n", r"row 1: date = 'January' is not an instant: write 2024-01-31"),
        ("smb\n0.01\n", "has no column 'ts'"),
        ("date,rf\n2024-01-31,0.001\n", "has no factor: give a column of returns for each"),
        ("", "is empty"),
        (
            "date,f\n2024-01-30,0.01\n2024-01-31,0.02\n",
            r"2 rows of the month of 2024-01-01, .* or factors.frequency: daily",
        ),
        ("date,s-b,s_b\n2024-01-31,0.01,0.02\n", "two columns would be called s_b: give one another name"),
    ],
)
def test_a_bad_file_is_refused(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, text, monkeypatch)
    with pytest.raises(ConfigError, match=f"config.yaml: factors.file: .*{message}"):
        factor_returns(load_settings())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_FACTORS__FILE", str(tmp_path / "none.csv"))
    with pytest.raises(ConfigError, match=r"there is no file .*none\.csv"):
        factor_returns(load_settings())


def test_another_content_of_the_file_makes_a_full_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, GOOD, monkeypatch)
    before = fingerprint(load_settings())
    assert fingerprint(load_settings()) == before
    path.write_text(GOOD.replace("0.03", "0.04"))
    assert fingerprint(load_settings()) != before


def test_two_rows_of_one_day_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "ts,f\n2024-01-31 09:00,0.01\n2024-01-31 17:00,0.02\n", monkeypatch)
    monkeypatch.setenv("QUANT_FACTORS__FREQUENCY", "daily")
    with pytest.raises(ConfigError, match="2 rows of the day of 2024-01-31"):
        factor_returns(load_settings())


def test_columns_may_have_any_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the queries use themselves among them."""
    names = ["factor", "newest_at", "newest_row", "period", "value"]
    written(tmp_path, f"date,{','.join(names)}\n2024-01-31,0.1,0.1,0.1,0.1,0.1\n", monkeypatch)
    assert [row["factor"] for row in factor_returns(load_settings()).to_pylist()] == names


def test_a_metric_of_other_files_does_not_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_FACTORS__FILE", str(tmp_path / "none.csv"))
    _make_engine.cache_clear()
    bars = pa.table({"ts": [datetime(2024, 1, day, tzinfo=UTC) for day in (2, 3)], "close": [1.0, 2.0]})
    assert compute("simple_return", bars)["value"].to_pylist() == [None, 1]
