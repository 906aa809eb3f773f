"""Rules become events: crossings, gaps, hysteresis, ids, and a market replayed bar by bar against one full build."""

from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quant.build import dbt_vars
from quant.errors import ConfigError
from quant.rule_columns import check_rule, check_rules
from quant.settings import load_settings
from quant.settings.signals import Rule, RuleFile, Signals, check_signals, rule_files, signal_vars
from tests.chaos.replay import differences, market, replay, store


def events(
    connection: duckdb.DuckDBPyConnection,
    sides: list[int | None],
    is_each: bool = False,
    start_side: int | None = None,
    says: str = "both",
) -> list[tuple[int, int]]:
    """(bar, side) of the events that bars with these sides of one line give; bars count from 1."""
    connection.execute(
        "create or replace table sides as select 1::bigint as series_id, '' as line, i as ts, i as row_index, "
        "list_extract($sides::tinyint[], i) as side, side as remembered, $start::tinyint as start_side, "
        "$each as is_each, case when $says = 'both' or (side > 0) = ($says = 'up') then 'words' end as text, "
        "i = len($sides) as is_newest, true as is_new from range(1, len($sides) + 1) as bars(i)",
        {"sides": sides, "start": start_side, "each": is_each, "says": says},
    )
    found = connection.execute("select ts, side from turns_of('sides') where is_event order by ts").fetchall()
    return [(int(ts), int(side)) for ts, side in found]


def test_a_side_that_turns_is_an_event(formulas: duckdb.DuckDBPyConnection) -> None:
    assert events(formulas, [1, 1, -1, -1, 1]) == [(3, -1), (5, 1)]


def test_a_touch_that_returns_is_no_cross(formulas: duckdb.DuckDBPyConnection) -> None:
    assert events(formulas, [1, 0, 1, 0, 0, 1]) == []
    assert events(formulas, [1, 0, 0, -1]) == [(4, -1)]


def test_a_gap_is_no_cross(formulas: duckdb.DuckDBPyConnection) -> None:
    """Nobody knows when the side turned; what follows is judged from the side after the gap."""
    assert events(formulas, [1, None, -1, -1, 1]) == [(5, 1)]


def test_the_first_known_bar_is_no_event(formulas: duckdb.DuckDBPyConnection) -> None:
    assert events(formulas, [None, 1, 1]) == []
    assert events(formulas, [None, -1, -1], start_side=1) == []


def test_a_state_that_held_before_the_first_bar_can_be_left(formulas: duckdb.DuckDBPyConnection) -> None:
    assert events(formulas, [0, -1, 0, 1], start_side=1) == [(2, -1), (4, 1)]
    assert events(formulas, [0, -1, 0, 1]) == [(4, 1)]


def test_between_two_thresholds_nothing_is_raised_again(formulas: duckdb.DuckDBPyConnection) -> None:
    """Entered at 0.8, left below 0.6."""
    values = [0.5, 0.8, 0.7, 0.9, 0.59, 0.7, 0.81]
    (sides,) = formulas.execute(
        "select list_transform($values::double[], lambda v: held_side_of(v, 0.8, 0.6))", {"values": values}
    ).fetchall()[0]
    assert sides == [-1, 1, 0, 1, -1, 0, 1]
    assert events(formulas, sides, says="up") == [(2, 1), (7, 1)]


def test_an_exception_is_an_event_on_each_bar(formulas: duckdb.DuckDBPyConnection) -> None:
    assert events(formulas, [0, -1, -1, None, -1], is_each=True) == [(2, -1), (3, -1), (5, -1)]


def test_a_text_names_its_numbers_as_people_read_them(formulas: duckdb.DuckDBPyConnection) -> None:
    """The example of a band, worked by hand."""
    words = "{symbol} closed at {close}, above {threshold} (20 {bars}), {value percent}, {value points}."
    found = formulas.execute("select said_of($words, 'AAPL', '1d', 1187.2, 0.0512, 185.031)", {"words": words})
    assert found.fetchall() == [("AAPL closed at 1,187.20, above 185.03 (20 days), 5.1 %, 0.1.",)]


@pytest.mark.parametrize(
    ("close", "value", "threshold", "said"),
    [
        (52.1, 54.296, 54.304, "52.10: 54.2960 below 54.3040"),  # two averages, both 54.30 when rounded
        (54.304, 54.304, 54.302, "54.3040: 54.3040 below 54.3020"),  # a close and its band
        (54.3, 54.3, 54.3, "54.30: 54.30 below 54.30"),
        (1.0, 2000.00001, 2000.00002, "1.00: 2,000.00001000 below 2,000.00002000"),
    ],
)
def test_two_prices_that_differ_are_said_with_digits_that_differ(
    formulas: duckdb.DuckDBPyConnection, close: float, value: float, threshold: float, said: str
) -> None:
    query = "select said_of('{close}: {value} below {threshold}', 'X', '1d', $1, $2, $3)"
    assert formulas.execute(query, [close, value, threshold]).fetchall() == [(said,)]


FIRST, BARS = 300, 306


@pytest.fixture(scope="module")
def lab() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three symbols whose last bars came one a build: `stepped` has their events, `events` those of one full build."""
    with market(3, BARS) as connection:
        replay(connection, FIRST, BARS)
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_a_replay_gives_the_events_of_one_full_build(lab: duckdb.DuckDBPyConnection) -> None:
    """Its last bars raise some. `make chaos` does five years, one bar a build."""
    ((newer, rules),) = rows(lab, f"select count_if(row_index >= {FIRST}), count(distinct rule) from stepped")
    assert (newer > 5, rules) == (True, 10)
    assert differences(lab) == []


def test_ids_are_unique(lab: duckdb.DuckDBPyConnection) -> None:
    ((count, distinct),) = rows(lab, "select count(*), count(distinct signal_id) from events")
    assert count == distinct > 100


def test_an_id_is_the_md5_of_what_names_the_event(lab: duckdb.DuckDBPyConnection) -> None:
    """rule|source|symbol|interval|microseconds, as other programs can write it."""
    for signal_id, rule, symbol, micros in rows(
        lab, "select signal_id, rule, symbol, epoch_us(ts) from events join series using (series_id) limit 20"
    ):
        assert signal_id == md5(f"{rule}|lab|{symbol}|1d|{micros}".encode()).hexdigest()


METRICS = {
    "sma_cross": "sig_sma_cross('final_bars', fast := 20, slow := 50)",
    "macd_cross": "sig_macd_cross('final_bars')",
    "rsi_level": "sig_rsi_level('final_bars')",
}


@pytest.mark.parametrize("rule", METRICS)
def test_events_are_those_of_the_metric(lab: duckdb.DuckDBPyConnection, rule: str) -> None:
    ours = rows(lab, f"select symbol, ts, direction from events join series using (series_id) where rule = '{rule}'")
    theirs = rows(lab, f"select symbol, ts, direction_of(value) from {METRICS[rule]} where value <> 0")
    assert len(ours) > 5
    assert sorted(ours) == sorted(theirs)


def test_regimes_change_where_the_metric_does(lab: duckdb.DuckDBPyConnection) -> None:
    ours = rows(lab, "select symbol, ts from events join series using (series_id) where rule = 'vol_regime'")
    theirs = rows(
        lab,
        "select symbol, ts from vol_regime('final_bars') "
        "qualify value <> lag(value) over (partition by symbol order by ts)",
    )
    assert len(ours) >= 2
    assert sorted(ours) == sorted(theirs)


def test_exceptions_are_the_bars_below_their_value_at_risk(lab: duckdb.DuckDBPyConnection) -> None:
    ours = rows(lab, "select symbol, ts from events join series using (series_id) where rule = 'var_exception'")
    theirs = rows(
        lab,
        "select symbol, ts from with_returns('final_bars') join var_historical_rolling('final_bars') as risk "
        "using (source, symbol, interval, ts) where simple_return < risk.value",
    )
    assert ours
    assert sorted(ours) == sorted(theirs)


def test_a_record_ends_before_its_event(lab: duckdb.DuckDBPyConnection) -> None:
    """Counted again in Python: of the earlier events of the same rule, series and direction."""
    found = rows(
        lab,
        "select (rule, series_id, direction), next_return, is_hit, past_events, past_hit_rate, past_mean_return "
        "from events order by ts",
    )
    past: dict[Any, list[tuple[float, float | None]]] = {}
    for key, later, is_hit, count, hit_rate, mean in found:
        before = past.setdefault(key, [])
        hits = [hit for _, hit in before if hit is not None]
        assert count == len(before)
        assert hit_rate == (pytest.approx(sum(hits) / len(hits), rel=1e-12) if hits else None)
        assert mean == (pytest.approx(sum(r for r, _ in before) / count, rel=1e-12, abs=1e-15) if before else None)
        if later is not None:
            before.append((later, is_hit))


def test_an_outcome_is_the_return_of_the_bar_after(lab: duckdb.DuckDBPyConnection) -> None:
    ((count, apart, unknown),) = rows(
        lab,
        "select count(*), max(abs(next_return - (later.close / bar.close - 1))), count_if(later.ts is null) "
        "from events join given as bar using (series_id, ts) "
        "left join given as later on later.series_id = events.series_id and later.i = bar.i + 1",
    )
    assert (count > 100, apart < 1e-15) == (True, True)
    assert rows(lab, "select count(*) from events where next_return is null") == [(unknown,)]


def variables(**changed: dict[str, Any]) -> dict[str, object]:
    """dbt's variables after a change of `signals.rules` in config.yaml."""
    signals = load_settings().signals
    rules = {**signals.rules, **{name: Rule(**values) for name, values in changed.items()}}
    changed_signals = Signals(intervals=signals.intervals, rules=rules)
    check_signals(changed_signals)
    return signal_vars(changed_signals)


def ids(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    return {
        rule: set(found) for rule, found in rows(connection, "select rule, list(signal_id) from events group by rule")
    }


def test_a_threshold_and_a_switch_change_their_own_rule_alone(lab: duckdb.DuckDBPyConnection) -> None:
    before = ids(lab)
    store(lab, is_incremental=False, **variables(rsi_level={"low": 45, "high": 55}, donchian_break={"is_on": False}))
    after = ids(lab)
    assert after.pop("rsi_level") != before.pop("rsi_level")
    assert "donchian_break" not in after
    assert before.pop("donchian_break")
    assert after == before
    store(lab, is_incremental=False)


def test_a_revised_bar_is_judged_again(lab: duckdb.DuckDBPyConnection) -> None:
    """A dividend lowers every price before it: the falls of that series are others, those of the others are not."""
    before = rows(lab, "select signal_id, series_id from events where rule = 'drawdown_limit' and series_id <> 2")
    lab.execute("update bars set adj_close = 0.85 * adj_close where series_id = 2 and ts < timestamptz '2021-08-01'")
    store(lab, is_incremental=True)
    lab.execute("create or replace table stepped as from events")
    assert rows(lab, "select kind from changes where series_id = 2") == [("changed",)]
    store(lab, is_incremental=False)
    assert differences(lab) == []
    after = rows(lab, "select signal_id, series_id from events where rule = 'drawdown_limit' and series_id <> 2")
    assert sorted(before) == sorted(after)


def test_a_file_is_a_rule(tmp_path: Path) -> None:
    """Without a line in config.yaml: it is on, for the default intervals, and says what it is."""
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "gap_up.sql").write_text(
        "-- The open leaps.\n-- Up only.\nselect {{ var('gap_up_size') }}\n"
    )
    (rule,) = rule_files(tmp_path)
    assert (rule.name, rule.kind, rule.description) == ("gap_up", "market", "The open leaps. Up only.")
    assert rule.variables == ("gap_up_size",)
    signals = load_settings().signals
    assert signals.of("gap_up").is_on
    assert signals.intervals_of("gap_up") == ["1h", "4h", "1d", "1w"]


def test_every_rule_that_is_on_is_given_to_the_models() -> None:
    given = dbt_vars(load_settings())["signal_rules"]
    assert isinstance(given, dict)
    assert {name for kind in given.values() for name in kind} == {file.name for file in rule_files()}


def test_a_default_is_no_need_but_can_be_set(tmp_path: Path) -> None:
    check_rule(
        written(
            tmp_path,
            "select *, {{ var('mine_size', 2) }} as side, 1 as value, 2 as threshold, "
            "'' as up_text, '' as down_text from {{ ref('signal_bars') }}",
        ),
        {},
        tmp_path,
    )
    (rule,) = rule_files(tmp_path)
    assert rule.variables == ("mine_size",)


def written(folder: Path, select: str) -> RuleFile:
    (folder / "market").mkdir()
    (folder / "market" / "mine.sql").write_text(select)
    return rule_files(folder)[0]


BARS_GIVEN = "from {{ ref('signal_bars') }}"
REST = "close as value, 0.0 as threshold, '' as up_text, '' as down_text"


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (f"select *, {REST} {BARS_GIVEN}", ("lacks side:", "as side")),
        (f"select close, 1 as side, {REST} {BARS_GIVEN}", ("lacks interval, series_id, line", "select *")),
        (f"select * exclude (line), 1 as side, {REST} {BARS_GIVEN}", ("lacks line:",)),
        (f"with b as (select ts, close {BARS_GIVEN}) select b.*, 1 as side, {REST} from b", ("lacks interval",)),
        (f"select *, sign(close - ema_200) as side, {REST} {BARS_GIVEN}", ("ema_200 is no column of signal_bars",)),
        (f"select *, {{{{ var('mine_size') }}}} as side, {REST} {BARS_GIVEN}", ("var('mine_size')", "{size: 1} say")),
        (f"select *, {{{{ var('window') }}}} as side, {REST} {BARS_GIVEN}", ("var('window')", "var('mine_<key>')")),
        (f"select *, 1 as side, {REST}, form {BARS_GIVEN} wher true", ("cannot be read", "syntax error")),
    ],
)
def test_a_rule_that_cannot_work_is_refused_by_its_file(tmp_path: Path, select: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as refused:
        check_rule(written(tmp_path, select), {}, tmp_path)
    said = str(refused.value)
    assert all(word in said for word in ("models/signals/rules/market/mine.sql: ", *words, "{is_on: false}")), said
    assert len(said) < 320


@pytest.mark.parametrize(
    "select",
    [
        f"with b as (select * {BARS_GIVEN}) select b.*, 1 as side, {REST} from b join b as c using (ts)",
        f"select *, list_sum(list_transform([1], lambda q: q)) as side, {REST} {BARS_GIVEN} where side > 0",
        f"select *, {REST} from turns_of('x')",
        f"select *, {{% if true %}} 1 as side, {{% endif %}} {REST} {BARS_GIVEN}",
        f"select *, 1 as side, {REST} {BARS_GIVEN} union all by name select * {BARS_GIVEN}",
    ],
)
def test_a_rule_of_which_less_is_known_is_left_to_the_build(tmp_path: Path, select: str) -> None:
    check_rule(written(tmp_path, select), {}, tmp_path)


def test_the_projects_own_rules_can_work() -> None:
    settings = load_settings()
    check_rules(settings.signals, dbt_vars(settings))


@pytest.mark.parametrize(
    ("rule", "given", "remedy"),
    [
        ("rsi_level", {"low": 30}, "high is missing; add it"),
        ("rsi_level", {"lo": 30}, "unknown key lo; known are is_on, intervals, low, high"),
        ("rsi_level", {"low": 80, "high": 70}, "low 80, high 70 must ascend"),
        ("rsi_level", {"low": 30, "high": 130}, "high = 130 must lie between 0 and 100"),
        ("rsi_level", {"low": "little", "high": 70}, "low = 'little' must be a finite number"),
        ("level_break", {"touches": 2, "touch": 3}, "unknown key touch"),
        ("level_break", {"touches": 2.5}, "touches = 2.5 must be a whole number"),
        ("sma_cross", {"is_of": False}, "unknown key is_of; known are is_on, intervals$"),  # it would be on, silently
        ("sma_cross", {"intervls": ["1d"]}, "unknown key intervls; known are is_on, intervals$"),
    ],
)
def test_a_wrong_key_of_a_rule_is_refused_with_its_remedy(rule: str, given: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValueError, match=rf"^signals\.rules\.{rule}: .*{remedy}"):
        variables(**{rule: given})


def test_a_rule_without_a_file_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"golden_cross is no rule; known are bollinger_break"):
        variables(golden_cross={})
