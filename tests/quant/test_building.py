"""`quant build` says when it built nothing."""

from quant.build import ensure_datasets
from quant.cli.building import has_rows
from quant.settings import Settings


def test_a_data_folder_with_empty_typed_files_only_has_no_rows(settings: Settings) -> None:
    assert not has_rows(settings)
    ensure_datasets(settings)
    assert list(settings.parquet_path.rglob("*.parquet"))
    assert not has_rows(settings)
    pull = settings.parquet_path / "equities" / "symbol=SPY" / "source=yahoo" / "interval=1d" / "a-run.parquet"
    pull.parent.mkdir(parents=True)
    pull.touch()
    assert has_rows(settings)
