"""What a rule file lacks, said before a build begins: dbt would say it after a minute, of another rule.

Its SQL is parsed, not run: columns come from the syntax tree. Where they cannot be known, behind `{% if %}` or a table
function say, nothing is said, and DuckDB judges in the build.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from quant.errors import ConfigError
from quant.settings.signals import RULES_PATH, VARIABLE, RuleFile, Signals, rule_files

BARS = {"market": "signal_bars", "option": "option_bars"}  # what rules of a kind read; `select *` gives its columns
OWN = ("side", "value", "threshold", "up_text", "down_text")
EVENTS = ("series_id", "line", "ts", "row_index", "start_side", "is_each", "is_of_price", "is_newest", *OWN)
NEEDED = {
    "market": ("interval", *EVENTS),
    "option": EVENTS,
    "data": ("source", "symbol", "part", "ts", "value", "threshold", "explanation"),
}
REF = re.compile(r"""{{-?\s*ref\(['"](\w+)['"]\)\s*-?}}""")
SILENT = re.compile(r"{#.*?#}|{%-?\s*set\b.*?%}|{{-?\s*config\(.*?\)\s*-?}}", re.DOTALL)
BUILT_IN = ("_jinja", "current_", "local", "rowid")
OTHER = re.compile(r"{{.*?}}", re.DOTALL)
JINJA = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)

Node = Mapping[str, Any]  # of DuckDB's syntax tree
Columns = frozenset[str] | None  # None: not known
TREES: dict[str, Node] = {}  # by text, each parsed once


def check_rules(signals: Signals, variables: Mapping[str, object]) -> None:
    """ConfigError, with file and remedy, for the first rule that is on and cannot work."""
    files = [file for file in rule_files() if signals.of(file.name).is_on]
    texts = [(RULES_PATH / file.kind / f"{file.name}.sql").read_text() for file in files]
    if new := {*texts, *map(_bars_text, BARS.values())} - TREES.keys():
        parse(new)
    for file in files:
        check_rule(file, variables)


def check_rule(file: RuleFile, variables: Mapping[str, object], folder: Path = RULES_PATH) -> None:
    """Raise ConfigError if a number that the rule reads is not known, or a column that it must give is not there."""
    text = (folder / file.kind / f"{file.name}.sql").read_text()
    if reason := next(_faults(file, text, variables), None):
        shown = f"models/signals/rules/{file.kind}/{file.name}.sql"
        raise ConfigError(f"{shown}: {reason}; or turn it off with signals.rules.{file.name}: {{is_on: false}}")


def _faults(file: RuleFile, text: str, variables: Mapping[str, object]) -> Iterator[str]:
    for name, end in VARIABLE.findall(" ".join(JINJA.findall(text))):
        if end == ")" and name not in variables:
            yield f"var('{name}') is not known: {_remedy(file.name, name)}"
    try:
        columns = columns_of(text)
    except ValueError as error:
        yield f"its SQL cannot be read, {error}: correct it"
        return
    for fault in _unknown_names(tree_of(text) or {"type": ""}):
        yield f"{fault}: correct it"
    if columns is not None and (missing := [name for name in NEEDED[file.kind] if name not in columns]):
        yield f"its select lacks {', '.join(missing)}: add {_example(file.kind, missing)}"


def _remedy(rule: str, variable: str) -> str:
    if variable.startswith(f"{rule}_"):
        return f"add it to config.yaml, signals.rules.{rule}: {{{variable.removeprefix(f'{rule}_')}: 1}} say"
    return f"a rule reads its own numbers as var('{rule}_<key>') and those of `metrics` by their keys"


def _example(kind: str, missing: Sequence[str]) -> str:
    """Of bars, what a rule does not say itself comes with `*`."""
    if kind == "data" or set(missing) <= set(OWN):
        return "`... as side`, say" if "side" in missing else f"`... as {missing[0]}`, say"
    return f"`select *` from {{{{ ref('{BARS[kind]}') }}}} and `... as` each of {', '.join(OWN)}"


def columns_of(text: str) -> Columns:
    """What the select of a model gives; raises ValueError with DuckDB's reason if it is no SQL."""
    tree = tree_of(text)
    return None if tree is None else _of_select(tree, {})


def tree_of(text: str) -> Node | None:
    """The syntax tree of a model; None where its text hangs on conditions. Raises ValueError if it is no SQL."""
    if text not in TREES:
        parse([text])
    tree = TREES[text]
    if tree.get("error"):
        raise ValueError(" ".join(str(tree.get("error_message")).split()))
    return next((statement["node"] for statement in tree.get("statements", [])), None)


def parse(texts: Iterable[str]) -> None:
    """Fill TREES, all from one database: opening one takes longer than parsing every rule."""
    with duckdb.connect(config={"threads": 1}) as connection:
        for text in texts:
            plain = OTHER.sub("_jinja", REF.sub(r"_ref.\1", SILENT.sub("", text)))
            if "{%" in plain:
                TREES[text] = {}
            elif row := connection.execute("select json_serialize_sql($1::varchar)", [plain]).fetchone():
                TREES[text] = json.loads(row[0])


def _of_select(node: Node, outer: Mapping[str, Columns]) -> Columns:
    known = dict(outer)
    for cte in node["cte_map"]["map"]:
        said = cte["value"]
        known[cte["key"].lower()] = None if said["aliases"] else _of_select(said.get("query_node", said), known)
    if node["type"] == "SET_OPERATION_NODE":
        parts = [_of_select(part, known) for part in node["children"]]
        return _together(parts) if node["setop_type"] == "UNION_BY_NAME" else parts[0]
    if node["type"] != "SELECT_NODE":
        return None
    return _together([_of_item(item, node["from_table"], known) for item in node["select_list"]])


def _of_item(item: Node, table: Node, known: Mapping[str, Columns]) -> Columns:
    """What one item of a select gives: a column, or those of a star."""
    if item["class"] == "STAR":
        return _of_star(item, table, known)
    name = item["alias"] or (item["column_names"][-1] if item["class"] == "COLUMN_REF" else "")
    return None if name == "_jinja" else frozenset([name.lower()])


def _of_star(star: Node, table: Node, known: Mapping[str, Columns]) -> Columns:
    given = _of_table(table, known, star["relation_name"].lower())
    if not given or star["columns"] or star["expr"] or star["rename_list"]:
        return None
    excluded = [*star["exclude_list"], *(each["column"] for each in star["qualified_exclude_list"])]
    return given - {name.lower() for name in excluded}


def _of_table(table: Node, known: Mapping[str, Columns], wanted: str = "") -> Columns:
    """Columns of what stands behind `from`; of the relation `wanted` alone if there is such a name."""
    if table["type"] == "JOIN":
        return _together([_of_table(table[side], known, wanted) for side in ("left", "right")])
    if wanted and wanted not in (table["alias"].lower(), str(table.get("table_name", "")).lower()):
        return frozenset()
    if table["type"] == "BASE_TABLE" and not table["column_name_alias"]:
        name = table["table_name"].lower()
        return _of_bars(name) if table["schema_name"] == "_ref" else known.get(name)
    if table["type"] == "SUBQUERY" and not table["column_name_alias"]:
        return _of_select(table["subquery"]["node"], known)
    return None


@cache
def _of_bars(model: str) -> Columns:
    if model not in BARS.values():
        return None
    return columns_of(_bars_text(model))


@cache
def _bars_text(model: str) -> str:
    return (RULES_PATH.parent / f"{model}.sql").read_text()


def _together(parts: Sequence[Columns]) -> Columns:
    found: frozenset[str] = frozenset()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _unknown_names(node: Node) -> Iterator[str]:
    """Columns that a select over one of BARS alone reads and that are not there: a typing error, mostly."""
    if node["type"] == "SET_OPERATION_NODE":
        for part in node["children"]:
            yield from _unknown_names(part)
    table = node.get("from_table")
    if table is None or table["type"] != "BASE_TABLE" or table["schema_name"] != "_ref":
        return
    if (given := _of_bars(table["table_name"].lower())) is not None:
        aliases = {item["alias"].lower() for item in node["select_list"]}
        aliases |= {table["table_name"].lower(), table["alias"].lower()}  # the whole row
        for name in _names_read([node["select_list"], node["where_clause"], node["qualify"]]):
            if name not in given | aliases and not name.startswith(BUILT_IN):
                yield f"{name} is no column of {table['table_name']}"


def _names_read(part: Any) -> Iterator[str]:
    """Plain column names of an expression; what a lambda or a query inside it means by one is its own matter."""
    if isinstance(part, list):
        for each in part:
            yield from _names_read(each)
    elif isinstance(part, dict) and part.get("class") == "COLUMN_REF":
        if len(part["column_names"]) == 1:
            yield part["column_names"][0].lower()
    elif isinstance(part, dict) and part.get("class") not in ("LAMBDA", "SUBQUERY"):
        yield from _names_read(list(part.values()))
