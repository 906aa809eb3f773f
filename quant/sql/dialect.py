"""DuckDB's SQL as `POST /sql` reads it: a function keeps the name that was written, so what is checked is what runs.

sqlglot usually translates: it knows hundreds of functions by classes of its own and may render them under other names.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import TokenType

# Calls with a syntax of their own; all others are a name with arguments.
SYNTAX = {"CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "POSITION"}
AFTER_PIVOT = {TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET}


class StrictParser(DuckDBParser):
    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: parser for name, parser in DuckDBParser.FUNCTION_PARSERS.items() if name in SYNTAX
    }
    ARRAY_CONSTRUCTORS: ClassVar[dict[str, Any]] = {"ARRAY": exp.Array}  # list(x)[1] is a call, then an element

    def _parse_simplified_pivot(self, is_unpivot: bool | None = None) -> exp.Expr:  # type: ignore[override]
        """DuckDB also sorts and cuts what a PIVOT gives, which sqlglot does not read."""
        pivot = super()._parse_simplified_pivot(is_unpivot)
        if self._curr is None or self._curr.token_type not in AFTER_PIVOT:
            return pivot
        select = exp.Select(expressions=[exp.Star()]).from_(exp.Subquery(this=pivot), copy=False)
        return self._parse_query_modifiers(select) or select

    def _parse_star_ops(self) -> exp.Expr | None:
        """`*columns(...)` gives a call all the columns at once, `columns(...)` calls it once for each."""
        star = super()._parse_star_ops()
        if isinstance(star, exp.Anonymous):
            star.set("unpack", True)
        return star


class StrictGenerator(DuckDBGenerator):
    MULTI_ARG_DISTINCT = True  # string_agg(distinct x, ', ')

    def anonymous_sql(self, expression: exp.Anonymous) -> str:
        star = "*" if expression.args.get("unpack") else ""
        return f"{star}{super().anonymous_sql(expression)}"

    def ignorenulls_sql(self, expression: exp.IgnoreNulls) -> str:
        """DuckDB has it in the call: first_value(x ignore nulls) over w. sqlglot leaves it out of calls by name."""
        return self._in_call(expression, "IGNORE NULLS")

    def respectnulls_sql(self, expression: exp.RespectNulls) -> str:
        return self._in_call(expression, "RESPECT NULLS")

    def not_sql(self, expression: exp.Not) -> str:
        """`a not in (b) = c` is (not a in (b)) = c, and not the opposite of an equality."""
        above, text = expression.parent, super().not_sql(expression)
        loose = isinstance(above, exp.Binary | exp.In | exp.Between) and not isinstance(above, exp.Connector)
        return f"({text})" if loose else text

    def withingroup_sql(self, expression: exp.WithinGroup) -> str:
        return f"{self.sql(expression, 'this')} WITHIN GROUP ({self.sql(expression, 'expression').strip()})"

    def _in_call(self, expression: exp.Expression, words: str) -> str:
        called = expression.this
        if not isinstance(called, exp.Anonymous) or isinstance(expression.parent, exp.Anonymous):
            return f"{self.sql(called)} {words}"
        arguments = ", ".join(self.sql(argument) for argument in called.expressions)
        return f"{called.this}({arguments} {words})"


class StrictDuckDB(DuckDB):
    Parser = StrictParser
    Generator = StrictGenerator

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """As written: `x -> 'a.b'` is the key a.b, not b within a."""
        return path


ENGINE = StrictDuckDB(version="2.0")


def rendered(tree: exp.Expr) -> str:
    """The text that DuckDB gets. Raises sqlglot's UnsupportedError for what cannot be said, and drops nothing."""
    return ENGINE.generator(comments=False, normalize_functions=False, unsupported_level=ErrorLevel.RAISE).generate(
        tree, copy=True
    )
