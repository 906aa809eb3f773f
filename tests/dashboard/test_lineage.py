"""The way from a figure to raw data, as a list that unfolds."""

from dashboard import lineage


def step(child: str, parent: str, macros: str = "") -> dict[str, object]:
    (relation, column), (above, above_column) = child.rsplit(".", 1), parent.rsplit(".", 1)
    return {
        "relation": relation, "column_name": column, "parent_relation": above, "parent_column": above_column,
        "macros": macros, "is_exact": True,
    }  # fmt: skip


STEPS = [
    step("metrics.sharpe.sharpe", "bars.returns.excess", "sharpe"),
    step("metrics.sharpe.sharpe", "bars.series.year"),
    step("bars.returns.excess", "bars.bars.close"),
    step("bars.returns.excess", "bars.bars.ts"),
    step("bars.returns.excess", "bars.series.year"),
    step("bars.bars.close", "raw.equities.close"),
    step("bars.bars.ts", "raw.klines.ts"),
    step("bars.series.year", "config.asset_classes.days"),
]


def test_columns_of_a_relation_are_one_node_and_nothing_is_unfolded_twice() -> None:
    root = lineage.tree({"column": "metrics.sharpe.sharpe", "steps": STEPS})
    assert (root.relation, root.columns) == ("metrics.sharpe", ("sharpe",))
    returns, series = root.parents
    assert (returns.relation, returns.macros) == ("bars.returns", ("sharpe",))
    bars, series_below = returns.parents
    assert (bars.relation, bars.columns) == ("bars.bars", ("close", "ts"))
    assert [each.relation for each in bars.parents] == ["raw.equities", "raw.klines"]
    assert series_below.parents and not series_below.is_above
    assert series.is_above and not series.parents


def test_what_entered_is_told_from_what_is_of_other_instruments() -> None:
    page = lineage.page(lineage.tree({"column": "metrics.sharpe.sharpe", "steps": STEPS}), {"equities"})
    assert '<b class="origin">raw equities</b>' in page
    assert '<b class="origin other">raw klines</b>' in page
    assert '<b class="origin">configuration</b>' in page
    assert page.count("<details") == page.count("</details>") and "unfolded above" in page


def test_names_are_text_and_never_markup() -> None:
    steps = [step("a.b.<i>", "raw.x.<script>", "<b>")]
    page = lineage.page(lineage.tree({"column": "a.b.<i>", "steps": steps}), set())
    assert "<script>" not in page and "<i>" not in page and "&lt;script&gt;" in page
