"""What the make_*.py share: reading the series, and writing one row per golden value with its program and version.

A program is a package and what was called in it; a formula that no package has is plain NumPy, pandas or SciPy.
A value that does not exist (yet) is NaN here and NULL in the file. Of a trailing metric every bar is kept up to the
300th, around the first value and where a signal is not 0; then every seventh, which keeps the files small.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
Array: TypeAlias = npt.NDArray[np.float64]
Parameters: TypeAlias = Mapping[str, object]

WHOLE_BARS, STRIDE, AROUND = 300, 7, 3
COLUMNS = pa.schema(
    [
        ("case", pa.string()),
        ("metric", pa.string()),
        ("parameters", pa.string()),
        ("symbol", pa.string()),
        ("a", pa.string()),
        ("b", pa.string()),
        ("k", pa.int32()),
        ("ts", pa.timestamp("s", tz="UTC")),
        ("value", pa.float64()),
        ("program", pa.string()),
        ("version", pa.string()),
    ]
)
PACKAGES = {"TA-Lib": "ta-lib", "empyrical": "empyrical-reloaded"}  # where the package has another name


@dataclass(frozen=True)
class Series:
    """Bars of one case and of its benchmark, on the same days."""

    case: str
    bars: pd.DataFrame
    benchmark: pd.DataFrame

    def column(self, name: str) -> Array:
        return np.asarray(self.bars[name], dtype=np.float64)

    def returns(self) -> Array:
        """Simple returns; one shorter than the bars."""
        return simple(self.column("adj_close"))

    def benchmark_returns(self) -> Array:
        return simple(np.asarray(self.benchmark["adj_close"], dtype=np.float64))

    def log_returns(self) -> Array:
        return np.diff(np.log(self.column("adj_close")))


def simple(price: Array) -> Array:
    return price[1:] / price[:-1] - 1


def late_start(values: Array) -> Array:
    """Values of returns, by bar: the first bar has no return."""
    return np.concatenate([[np.nan], values])


def read_series(case: str) -> Series:
    """'early' or 'late'; see make_series."""
    frame = pq.read_table(HERE / "series.parquet").to_pandas()
    frame = frame[frame["case"] == case].sort_values("ts")
    bars, benchmark = (frame[frame["role"] == role].reset_index(drop=True) for role in ("bars", "benchmark"))
    if not bars["ts"].equals(benchmark["ts"]):
        raise ValueError(f"the bars of {case} and their benchmark are not of the same days")
    return Series(case, bars, benchmark)


@dataclass
class Values:
    """The rows of one golden file."""

    name: str
    rows: list[pa.Table] = field(default_factory=list)

    def trailing(
        self, series: Series, metric: str, parameters: Parameters, values: npt.ArrayLike, program: str, **keys: str
    ) -> None:
        """One value per bar; `keys` is the symbol where there are several."""
        numbers = np.asarray(values, dtype=np.float64)
        kept = kept_bars(numbers, is_signal=metric.startswith("sig_"))
        places = {name: [each] * int(kept.sum()) for name, each in keys.items()}
        times = series.bars["ts"].to_numpy()[kept]
        self._add(series.case, metric, parameters, program, numbers[kept], ts=times, **places)

    def whole(self, case: str, metric: str, parameters: Parameters, value: float, program: str, **keys: str) -> None:
        """One value for the whole sample; `keys` are symbol, or a and b."""
        self._add(case, metric, parameters, program, np.array([value]), **{k: [v] for k, v in keys.items()})

    def vector(self, case: str, metric: str, parameters: Parameters, values: Array, program: str) -> None:
        """Values for k = 1, 2, ..."""
        self.keyed(case, metric, parameters, values, program, k=list(range(1, len(values) + 1)))

    def keyed(
        self, case: str, metric: str, parameters: Parameters, values: Array, program: str, **keys: object
    ) -> None:
        """Values by k, a or both."""
        self._add(case, metric, parameters, program, values, **keys)

    def _add(
        self, case: str, metric: str, parameters: Parameters, program: str, values: Array, **columns: object
    ) -> None:
        package = program.split()[0]
        fixed = {
            "case": case, "metric": metric, "parameters": json.dumps(parameters),
            "program": program, "version": version(PACKAGES.get(package, package)),
        }  # fmt: skip
        count = len(values)
        filled: dict[str, object] = {name: [text] * count for name, text in fixed.items()}
        filled["value"] = pa.array(values, type=pa.float64(), from_pandas=True)
        missing = {name: pa.nulls(count) for name in COLUMNS.names}
        arrays = [pa.array((missing | filled | columns)[column.name]).cast(column.type) for column in COLUMNS]
        self.rows.append(pa.Table.from_arrays(arrays, schema=COLUMNS))

    def write(self) -> None:
        table = pa.concat_tables(self.rows)
        folder = HERE / "values"
        folder.mkdir(exist_ok=True)
        pq.write_table(
            table, folder / f"{self.name}.parquet", compression="zstd", compression_level=19,
            use_byte_stream_split=["value"], use_dictionary=[name for name in COLUMNS.names if name != "value"],
            write_statistics=False,
        )  # fmt: skip
        print(f"{self.name}: {table.num_rows} values of {len(set(table['metric'].to_pylist()))} metrics")


def kept_bars(values: Array, is_signal: bool) -> npt.NDArray[np.bool_]:
    """Which bars of a trailing metric go into the file."""
    index = np.arange(len(values))
    known = np.flatnonzero(~np.isnan(values))
    first = known[0] if len(known) else 0
    edges = (abs(index - first) <= AROUND) | (index == index[-1])
    told = np.nan_to_num(values) != 0 if is_signal else np.zeros(len(values), dtype=np.bool_)
    kept: npt.NDArray[np.bool_] = (index < WHOLE_BARS) | (index % STRIDE == 0) | edges | told
    return kept
