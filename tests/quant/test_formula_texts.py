"""The texts of the formulas, which meta.formulas and the lineage are made of."""

import duckdb

from quant.formula_texts import formula_texts
from quant.formulas import load_formulas
from quant.lineage.names import parse


def test_every_form_of_every_formula_is_read_with_the_parameters_that_duckdb_knows() -> None:
    with duckdb.connect() as connection:
        load_formulas(connection)
        run = connection.execute(
            "select function_name, case function_type when 'macro' then 'scalar' else 'table' end, parameters "
            "from duckdb_functions() where not internal and function_type in ('macro', 'table_macro') "
            "and function_name <> 'formulas_version'"
        ).fetchall()
    told = [(each.macro, each.kind, [parameter.name for parameter in each.parameters]) for each in formula_texts()]
    assert sorted(told) == sorted(run)


def test_every_text_can_be_read_and_says_what_it_is_and_where_it_stands() -> None:
    for each in formula_texts():
        assert parse(each.body) is not None
        assert each.comment and each.file.startswith("macros/formulas/") and each.line > 0, each.macro


def test_a_formula_for_columns_and_a_table_formula_of_one_name_are_two() -> None:
    sharpe = {each.kind: each for each in formula_texts() if each.macro == "sharpe"}
    assert sharpe["scalar"].signature == "sharpe(excess_return, ppy)"
    assert sharpe["table"].signature == "sharpe(bars, rf := 0.0, ppy := null)"
    assert sharpe["scalar"].body == "sharpe_of(avg(excess_return), sample_std(excess_return), ppy)"
    assert "Sharpe (1994)" in sharpe["table"].notes
