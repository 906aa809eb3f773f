"""Split builds with `options.rate_series`: every shard reads the bill's series, and one of them writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest import record
from quant.build import Builder
from quant.publish import Builds
from quant.scale.shards import SeriesKey, shard_of
from quant.settings import load_settings
from quant.warehouse import open_build
from tests.repo.conftest import ENVIRONMENT
from tests.repo.few_models import SplitHere, project_of
from tests.repo.lab import SHARES, Lab, Row, origin
from tests.scale.same import difference, relations

BILL, SHARDS = "^IRX", 6  # AAPL, SPY and the bill are each in another shard
MODELS = ("serving_bars", "serving_option_quotes")
SCHEMAS = ("staging", "bars", "metrics", "pairs", "options", "serving")


@dataclass(frozen=True)
class Market:
    """One record, built in one DuckDB and in shards."""

    whole: duckdb.DuckDBPyConnection
    split: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    data, folder = tmp_path_factory.mktemp("rates"), tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(data).items():
            patch.setenv(name, value)
        patch.setattr("quant.build._commands", lambda kind, tested: ["run", "--full-refresh"])
        project = project_of(folder, *MODELS)
        lab = Lab(load_settings().parquet_path, datetime.now(UTC))
        lab.first_visit()
        chains_and_bill(lab)
        whole = Builder(load_settings(), project)
        whole.builds = Builds(data / "whole")
        whole.build()
        patch.setenv("QUANT_SCALE__SHARDS", str(SHARDS))
        builder = SplitHere(load_settings(), project)
        builder.build()
        with open_build(whole.builds.link.resolve()) as one, open_build(builder.builds.link.resolve()) as other:
            yield Market(one, other)


def environment(data: Path) -> dict[str, str]:
    return {
        **ENVIRONMENT,
        "QUANT_DATA_PATH": str(data),
        "QUANT_EQUITIES__SYMBOLS": f'["SPY", "AAPL", "{BILL}"]',
        "QUANT_OPTIONS__RATE_SERIES": BILL,
        "QUANT_OPTIONS__UNDERLYINGS": '["SPY", "AAPL"]',
    }


def chains_and_bill(lab: Lab) -> None:
    fetched = lab.now - timedelta(hours=5)
    bill = [lab.session(BILL, i, fetched) for i in range(30)]
    prices = dict.fromkeys(("open", "high", "low", "close"), 5.0)
    lab.sessions(BILL, "1", [session | prices for session in bill])
    for share in SHARES:
        rows = chain(lab, share)
        day = fetched.date()
        lab.write(record.OPTIONS, "1", rows, underlying=share, source="yahoo", date=day)


def chain(lab: Lab, share: str) -> list[Row]:
    """A month and a year from now; the bill speaks for the first."""
    fetched = lab.now - timedelta(hours=5)
    quoted_at = lab.session(share, 29, fetched)["end_ts"]
    return [
        {
            "underlying": share, "contract_symbol": f"{share}{expires_at:%y%m%d}{side}{strike:05d}000",
            "expiry_on": expires_at.date(), "expires_at": expires_at, "is_call": side == "C", "strike": float(strike),
            "bid": 8.0, "ask": 8.2, "last_price": 8.1, "last_trade_at": quoted_at, "volume": 5, "open_interest": 10,
            "currency": "USD", "spot": 100.0, "quoted_at": quoted_at, **origin("yahoo", fetched),
        }
        for expires_at in (quoted_at + timedelta(days=30), quoted_at + timedelta(days=365))
        for strike in (95, 100, 105)
        for side in "CP"
    ]  # fmt: skip


def test_each_series_is_in_another_shard() -> None:
    assert len({shard_of(SeriesKey("yahoo", symbol), SHARDS) for symbol in (*SHARES, BILL)}) == 3


def test_the_bill_discounts_near_expiries_in_every_shard(market: Market) -> None:
    sources = market.split.execute(
        "select underlying, rate_source, count(*) from options.priced_quotes group by all order by all"
    ).fetchall()
    assert sources == [(share, source, 6) for share in sorted(SHARES) for source in ("bill", "curve")]


def test_every_relation_is_what_one_duckdb_makes_the_bill_once(market: Market) -> None:
    names = relations(market.whole, *SCHEMAS)
    assert relations(market.split, *SCHEMAS) == names
    found = {name: difference(market.split, market.whole, name) for name in names}
    assert {name: said for name, said in found.items() if said} == {}
    assert market.split.execute("select count(*) from bars.equity_bars where symbol = $1", [BILL]).fetchall() == [(30,)]
