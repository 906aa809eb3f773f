"""Split builds that follow one another: news of a symbol, damage, a lost file; the answers are those of one DuckDB."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from quant.build import Builder
from quant.errors import BuildError
from quant.publish import Builds
from quant.scale.manifest import Manifest, read_manifest
from quant.scale.shards import SeriesKey, shard_of
from quant.settings import load_settings
from quant.warehouse import open_build
from tests.repo.conftest import ENVIRONMENT
from tests.repo.few_models import SplitHere, project_of
from tests.repo.lab import Lab
from tests.scale.same import difference, relations

SHARDS = 5  # three of them hold the four symbols: ETHUSDT and AAPL are in one
MODELS = ("serving_bars", "serving_correlations", "serving_drawdown")
SCHEMAS = ("staging", "bars", "metrics", "pairs", "serving")
BITCOIN, APPLE = SeriesKey("binance", "BTCUSDT"), SeriesKey("yahoo", "AAPL")


@dataclass(frozen=True)
class Market:
    """`first` was made of the first visit, hours ago as its files say; `second` after news of one coin."""

    lab: Lab
    builder: SplitHere
    first: Manifest
    second: Manifest
    before: duckdb.DuckDBPyConnection
    split: duckdb.DuckDBPyConnection
    whole: duckdb.DuckDBPyConnection

    def files(self) -> dict[str, tuple[int, float]]:
        """Of every shard on disk."""
        return {file.address: (file.size, file.changed) for file in self.builder.store.below("build")}

    def answers(self) -> list[tuple[object, ...]]:
        """Of the published build, symbol by symbol."""
        with open_build(self.builder.builds.link.resolve()) as build:
            return build.execute(
                "select symbol, count(*), max(ts), sum(close::decimal(18, 6)) from bars.bars group by all order by all"
            ).fetchall()


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    data, folder = tmp_path_factory.mktemp("split"), tmp_path_factory.mktemp("project")
    began = datetime.now(UTC)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "QUANT_DATA_PATH": str(data)}.items():
            patch.setenv(name, value)
        patch.setattr("quant.build._commands", lambda kind, tested: ["run", "--full-refresh"])
        patch.setattr("quant.configuration._hour", lambda at: began.replace(minute=0, second=0, microsecond=0))
        project = project_of(folder, *MODELS)
        whole = Builder(load_settings(), project)
        patch.setenv("QUANT_SCALE__SHARDS", str(SHARDS))
        builder = SplitHere(load_settings(), project)
        lab = Lab(builder.settings.parquet_path, began)
        lab.first_visit()
        hours_ago(lab.root)
        first, before = built(builder, "full")
        news_of(lab, BITCOIN.symbol)
        second, split = built(builder, "incremental")
        whole.builds = Builds(data / "whole")  # beside, and of the same record
        whole.build()
        with open_build(whole.builds.link.resolve()) as other:
            yield Market(lab, builder, first, second, before, split, other)
        before.close()
        split.close()


def built(builder: SplitHere, kind: str) -> tuple[Manifest, duckdb.DuckDBPyConnection]:
    assert builder.build().kind == kind
    return manifest_of(builder), open_build(builder.builds.link.resolve())


def manifest_of(builder: SplitHere) -> Manifest:
    found = read_manifest(builder.builds.link.resolve().parent)
    assert found is not None
    return found


def hours_ago(root: Path) -> None:
    """Every file's rows came so long ago that time alone changes nothing more."""
    then = time.time() - 3 * 3600
    for file in root.rglob("*.parquet"):
        os.utime(file, (then, then))


def news_of(lab: Lab, coin: str) -> None:
    """Later minutes and trades, and a minute that is corrected: more rows, and other ones."""
    fetched = lab.now - timedelta(hours=1)
    corrected = lab.kline("1m", coin, 10, fetched) | {"close": Decimal("99.5"), "low": Decimal("90")}
    lab.klines("1m", coin, "2", [*(lab.kline("1m", coin, i, fetched) for i in (30, 31)), corrected])
    lab.klines("1d", coin, "2", [lab.kline("1d", coin, 0, fetched)])
    lab.trades(coin, "2", lab.minute(coin, 35, fetched))


def test_news_of_one_symbol_makes_its_shard_anew_and_no_other(market: Market) -> None:
    number = shard_of(BITCOIN, SHARDS)
    first, second = market.first, market.second
    assert len(first.shards) == 3
    assert first.builds == {market.before.execute("select max(build_id) from meta.builds").fetchall()[0][0]}
    assert all(made.settled for made in first.shards.values())
    newest = market.split.execute("select max(build_id) from meta.builds").fetchall()[0][0]
    assert {other for other, made in second.shards.items() if made.build_id == newest} == {number}
    assert {other for other in first.shards if second.shards[other] == first.shards[other]} == {*first.shards} - {
        number
    }


def test_every_relation_after_news_is_what_one_duckdb_makes_of_the_same_record(market: Market) -> None:
    names = relations(market.whole, *SCHEMAS)
    assert relations(market.split, *SCHEMAS) == names
    assert len(names) > 25
    found = {name: difference(market.split, market.whole, name) for name in names}
    assert {name: said for name, said in found.items() if said} == {}
    changed = [name for name in names if difference(market.before, market.split, name)]
    assert {"bars.crypto_bars", "metrics.drawdown", "pairs.correlations", "serving.bars"} <= {
        *changed
    }  # there was news


def test_a_damaged_file_stops_the_build_by_its_symbol_and_leaves_the_old_answers(market: Market) -> None:
    """Its shard holds another symbol, which is well."""
    builder = market.builder
    link, files, answers = builder.builds.link.resolve(), market.files(), market.answers()
    pull = next((market.lab.root / "equities" / "symbol=AAPL").rglob("*.parquet"))
    broken = pull.with_name("broken.parquet")
    broken.write_bytes(b"no rows at all")
    try:
        with pytest.raises(BuildError, match=r"^AAPL of yahoo \(shard \d\) cannot be built: .*broken\.parquet"):
            builder.build()
    finally:
        broken.unlink()
    assert builder.builds.link.resolve() == link
    assert market.files() == files
    assert market.answers() == answers


def test_a_build_that_fails_after_its_shards_leaves_no_file_of_them(market: Market) -> None:
    builder, files = market.builder, market.files()
    link = builder.builds.link.resolve()
    builder.broken = BuildError("nothing can be made across symbols")
    try:
        with pytest.raises(BuildError, match="across symbols"):
            builder.build(full=True)
    finally:
        builder.broken = None
    assert builder.builds.link.resolve() == link
    assert market.files() == files


def test_a_kept_shard_whose_file_is_gone_is_made_anew(market: Market) -> None:
    """Else no build would succeed until somebody asks for a full one."""
    builder, answers = market.builder, market.answers()
    before = manifest_of(builder)
    number = shard_of(APPLE, SHARDS)
    lost = next(name for name in before.files("bars.equity_bars") if name.endswith(f"={number:05d}.parquet"))
    builder.store.drop(lost)
    try:
        record = builder.build()
    except BuildError:
        builder.build(full=True)  # the other tests need a whole one
        raise
    assert record.kind == "incremental"
    made = {other for other, each in manifest_of(builder).shards.items() if each.build_id == record.build_id}
    assert made == {number, shard_of(BITCOIN, SHARDS)}  # and the coin's, whose news is too fresh to be settled
    assert market.answers() == answers
