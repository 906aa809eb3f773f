"""House rules of models and formulas that a reader would otherwise have to trust."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from quant.formulas import formula_files, load_formulas
from quant.settings import PROJECT_PATH

RULES = PROJECT_PATH / "models" / "signals" / "rules"  # a rule is one file: its first comment is its description
MODELS = sorted(path for path in (PROJECT_PATH / "models").rglob("*.sql") if not path.is_relative_to(RULES))
FORMULAS = formula_files()
YML = sorted((PROJECT_PATH / "models").rglob("*.yml"))

FRAME = re.compile(r"\b(rows|range|groups)\s+(between|unbounded|current|\d)", re.IGNORECASE)
# Divisors that cannot be zero, because the condition in front of them says so.
GUARDED = {
    "price / previous_price": "previous_price > 0",
    "numerator / denominator": "abs(denominator) > 1e-15",
    "dividend / previous_close": "previous_close > dividend",
    "high / low": "low > 0",
    "close / open": "low <= least(open, close)",
    "6e0 / (a": "(a + 3e0)",  # a >= 0
    "double / (n": "/ (n + 1)",  # n bars, at least one
    "double / n": "wilder_weight(n)",
    "covariance / (n": "/ (n + 1)",
    "extreme_index)) / n": "aroon_of",
    "double / count_members": "count(distinct (source, symbol)) as count_members",
    "r) / r": "when r = 0 then",
    "part) / carino_factor_of": "min(portfolio_return) > -1",
    "close)) / (high": "when high = low then",
    "change) / moves": "when moves = 0 then",
    "mean_gap / slope": "slope < 0",
    "0) / n_pairs": "n_pairs >= least_pairs",
    ".upper / done": "coalesce((after.k - before.k) / 3, 1)",  # the diagonals of a spline: positive
    ".bend / done": "coalesce((after.k - before.k) / 3, 1)",
    ".bend) / sweep": "coalesce((after.k - before.k) / 3, 1)",
    "w0) / h": "where h > 0",
    "1 / variance": "when variance > 0",
    "lower) / (strike": "where strike > 0",
    "forward / center": "when is_whole",  # a strike
    "1)) / years": "from index_strikes(relation)",  # of which years > 0
}
# Parameters by the names that the world gives them; their formula reads the close alone.
BESIDE_COLUMNS = [("sig_rsi_level", "low"), ("sig_rsi_level", "high")]


def identity(path: Path) -> str:
    return str(path.relative_to(PROJECT_PATH))


def code(path: Path) -> str:
    """SQL without comments and without what stands between quotes."""
    return re.sub(r"'[^']*'", "''", re.sub(r"--[^\n]*|{#.*?#}", "", path.read_text(), flags=re.DOTALL))


@cache
def described() -> dict[str, dict[str, object]]:
    """name -> entry of every model in the yml files, with the file it stands in."""
    entries = [(file, entry) for file in YML for entry in (yaml.safe_load(file.read_text()) or {}).get("models", [])]
    return {entry["name"]: {**entry, "file": file} for file, entry in entries}


@pytest.mark.parametrize("path", MODELS, ids=identity)
def test_model_says_its_grain_in_the_first_line_and_in_its_yml(path: Path) -> None:
    entry = described().get(path.stem)
    assert path.read_text().startswith("-- One row per ")
    assert entry is not None, f"{path.stem} has no entry in a yml beside it"
    assert Path(str(entry["file"])).parent == path.parent
    assert str(entry["description"]).startswith("One row per ")


@pytest.mark.parametrize("path", MODELS, ids=identity)
def test_model_is_short(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 120


def test_every_described_model_exists() -> None:
    assert set(described()) == {path.stem for path in MODELS}


@pytest.mark.parametrize("path", [path for path in MODELS if path.stem != "catalog"], ids=identity)
def test_no_loop_writes_sql(path: Path) -> None:
    assert not re.search(r"{%-?\s*(for|macro)\b", path.read_text())


@pytest.mark.parametrize("path", [*MODELS, *FORMULAS], ids=identity)
def test_frames_are_written_in_one_file(path: Path) -> None:
    if path.name != "10_windows.sql":
        assert not FRAME.search(code(path))


def divisions(path: Path) -> Iterator[tuple[str, str]]:
    """Each division by something that is neither a literal nor nullif(...): (division, statement around it)."""
    for statement in code(path).split(";"):
        for match in re.finditer(r"[\w.)]+\s*/\s*(?!nullif\b|\(?\d)\(?[\w.]+", re.sub(r"/\*.*?\*/", "", statement)):
            yield match.group(), statement


@pytest.mark.parametrize("path", [*MODELS, *FORMULAS], ids=identity)
def test_every_division_is_guarded(path: Path) -> None:
    if path.name.startswith(("06_", "90_", "91_", "92_")):
        return  # rational fits have positive divisors; option formulas guard their whole input once, see tests/udfs
    for division, statement in divisions(path):
        guard = GUARDED.get(division)
        assert guard is not None and guard in statement, f"{division} may divide by zero"


@pytest.fixture(scope="module")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        yield connection


def test_no_formula_shadows_a_built_in(formulas: duckdb.DuckDBPyConnection) -> None:
    """A table formula is called in `from`, where no built-in of ours is: skewness is both."""
    shadowed = formulas.execute(
        "select distinct function_name from duckdb_functions() where not internal and function_type <> 'table_macro' "
        "and function_name in (select function_name from duckdb_functions() where internal)"
    ).fetchall()
    assert shadowed == []


def test_no_parameter_of_a_table_formula_is_a_column_it_reads(formulas: duckdb.DuckDBPyConnection) -> None:
    """In a table macro a parameter silently replaces a column of the same name."""
    parameters = formulas.execute(
        "select function_name, unnest(parameters) as parameter from duckdb_functions() "
        "where not internal and function_type = 'table_macro'"
    ).fetchall()
    assert parameters
    bars = "ts source symbol interval open high low close adj_close volume periods_per_year is_final".split()
    assert [pair for pair in parameters if pair[1] in bars and pair not in BESIDE_COLUMNS] == []


def test_every_formula_says_what_it_is(formulas: duckdb.DuckDBPyConnection) -> None:
    silent = formulas.execute(
        "select function_name from duckdb_functions() where not internal "
        "and function_type in ('macro', 'table_macro') and coalesce(comment, '') = ''"
    ).fetchall()
    assert silent == []
