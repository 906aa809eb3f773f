"""Names that a query makes itself: a bare name is a relation only where a `with` around it defines it, earlier."""

import re
from collections.abc import Callable

from sqlglot import exp

from quant.sql.refusal import SqlRefusal, shown

# What DuckDB's own catalogues are called: no name that a query makes may hide or reach one.
RESERVED = re.compile(r"^(duckdb_|pragma_|sqlite_|pg_|information_schema\b|system\b|temp\b|main\b|query$|query_table$)")
# What DuckDB answers itself where no column is called so, in quotes too.
OF_THE_SESSION = {"current_catalog", "current_role", "current_schema", "current_user", "session_user", "user"}
PLAIN = re.compile(r"^[a-z_][a-z0-9_ ]*$", re.IGNORECASE)
Refuse = Callable[[exp.Expr, str], SqlRefusal]


def is_cte(node: exp.Expr, name: str) -> bool:
    """Whether `name` (lower case), where `node` stands, is a CTE: of a `with` around it, and defined before it."""
    inside: exp.Expr | None = None
    above = node.parent
    while above is not None:
        if isinstance(above, exp.CTE):
            inside = above
        with_ = above.args.get("with_")
        if with_ is not None and _defines(with_, name, inside):
            return True
        above = above.parent
    return False


def _defines(with_: exp.Expr, name: str, before: exp.Expr | None) -> bool:
    for cte in with_.expressions:
        if cte is before:
            return False
        if cte.alias_or_name.lower() == name:
            return True
    return False


def refuse_hidden_names(tree: exp.Expr, refusal: Refuse) -> None:
    """Raise where a `with` takes a name of DuckDB's own, or one that is no plain name."""
    for cte in tree.find_all(exp.CTE):
        name = cte.alias_or_name.lower()
        if RESERVED.match(name) or not PLAIN.match(name):
            raise refusal(cte, f"`with` cannot be called {shown(name)}: choose a plain name of your own")
