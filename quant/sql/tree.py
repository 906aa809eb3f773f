"""The second wall of `POST /sql`: DuckDB's own reading of the rendered text, checked again and by itself.

Two parsers can read one text in two ways; what counts is how DuckDB reads it. Its tree comes from json_serialize_sql,
which parses and does nothing else.
"""

import json
from typing import Any

import duckdb

from quant.sql.guard import TABLE_FUNCTIONS, engine_functions
from quant.sql.public_names import PublicNames
from quant.sql.refusal import SqlRefusal, shown
from quant.sql.scope import OF_THE_SESSION, RESERVED

QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"}
MODIFIERS = {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"}
ORDERS = {"ASCENDING", "DESCENDING", "ORDER_DEFAULT"}
RELATIONS = {"BASE_TABLE", "TABLE_FUNCTION", "SUBQUERY", "JOIN", "PIVOT", "EXPRESSION_LIST", "EMPTY", "CROSS_PRODUCT"}
EXPRESSIONS = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",
    "OPERATOR", "STAR", "SUBQUERY", "TYPE", "WINDOW", "POSITIONAL_REFERENCE", "DEFAULT",
}  # fmt: skip
OF_SESSION = [[name] for name in sorted(OF_THE_SESSION)]
KNOWN = QUERIES | MODIFIERS | ORDERS | RELATIONS
MADE_BY_SYNTAX = {
    "list_value", "struct_pack", "row", "map", "list_extract", "array_extract", "struct_extract", "count_star",
}  # fmt: skip
Tree = dict[str, Any]


def check_tree(connection: duckdb.DuckDBPyConnection, sql: str, names: PublicNames) -> None:
    """Raises SqlRefusal unless DuckDB reads `sql` as one select of public relations and known functions."""
    row = connection.execute("select json_serialize_sql($sql::varchar)", {"sql": sql}).fetchall()
    read: Tree = json.loads(row[0][0])
    if read.get("error"):
        raise SqlRefusal(f"DuckDB cannot read the query: {shown_reason(str(read.get('error_message')))}")
    if len(read["statements"]) != 1 or read["statements"][0].get("named_param_map"):
        raise SqlRefusal("exactly one select without parameters is allowed")
    checked = _Tree(names)
    checked.collect(read)
    checked.check(read)


def shown_reason(message: str) -> str:
    """The first sentence of an error of DuckDB, without the place of a file; and near columns."""
    first, *more = message.split("\n")
    near = [line for line in more[:1] if line.startswith("Candidate bindings:")]
    return "; ".join([first, *near])[:300]


class _Tree:
    def __init__(self, names: PublicNames) -> None:
        self._names = names
        self._functions = engine_functions() | set(names.formulas) | MADE_BY_SYNTAX
        self._own: set[str] = set()  # what `with` defines, anywhere: the first wall knows where it holds

    def collect(self, root: Tree) -> None:
        for node in _nodes(root):
            for entry in (node.get("cte_map") or {}).get("map", []):
                self._own.add(str(entry["key"]).lower())
        if hidden := [name for name in self._own if RESERVED.match(name)]:
            raise SqlRefusal(f"`with` cannot be called {shown(hidden[0])}")

    def check(self, root: Tree) -> None:
        for node in _nodes(root):
            kind = str(node.get("class") or node.get("type") or "")
            if "class" in node and kind not in EXPRESSIONS:
                raise SqlRefusal(f"DuckDB reads {shown(kind)} in the query, which is not allowed")
            if "class" not in node and isinstance(node.get("type"), str) and kind not in KNOWN:
                raise SqlRefusal(f"DuckDB reads {shown(kind)} in the query, which is not allowed")
            if kind == "BASE_TABLE":
                self._relation(node)
            if kind == "COLUMN_REF" and [str(name).lower() for name in node["column_names"]] in OF_SESSION:
                raise SqlRefusal(f"DuckDB reads {shown(node['column_names'][0])} in the query, which is not allowed")
            if kind == "TABLE_FUNCTION":
                self._called(node["function"], set(TABLE_FUNCTIONS) | set(self._names.table_formulas))
            elif kind == "FUNCTION" and not node.get("is_operator"):
                self._called(node, self._functions | set(TABLE_FUNCTIONS) | set(self._names.table_formulas))

    def _relation(self, node: Tree) -> None:
        path = [str(part).lower() for part in node["qualified_name"]["path"]]
        name = ".".join(path)
        own = len(path) == 1 and name in self._own
        if node.get("at_clause") or not (own or name in self._names.relations):
            raise SqlRefusal(f"DuckDB reads the relation {shown(name)} in the query, which is not public")

    def _called(self, node: Tree, allowed: set[str] | frozenset[str]) -> None:
        name = str(node["function_name"]).lower()
        if name not in allowed:
            raise SqlRefusal(f"DuckDB reads the function {shown(name)} in the query, which is not allowed")


def _nodes(root: Any) -> list[Tree]:
    """Every object of the tree, without recursion: it may be deep."""
    found, waiting = [], [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found.append(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found
