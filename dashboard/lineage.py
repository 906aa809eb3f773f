"""From a figure down to the raw data, as a list that unfolds: HTML that needs no script and that a keyboard reaches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from dashboard.data import Record

OPEN = 6  # levels that are unfolded at first
MOST_NAMED = 4  # formulas of a step; a pointer that rests there is told all
Columns = tuple[str, ...]


@dataclass
class Node:
    """Columns of one relation that the one above is made of, by which formulas, and what they are made of."""

    relation: str
    columns: Columns
    macros: Columns = ()
    is_above: bool = False
    parents: list["Node"] = field(default_factory=list)

    @property
    def is_origin(self) -> bool:
        return self.relation.startswith(("raw.", "config."))


def tree(lineage: Record) -> Node:
    """Relations instead of columns: of each only what is used. What was unfolded once is said to be above."""
    steps: dict[tuple[str, str], list[Record]] = {}
    for step in lineage["steps"]:
        steps.setdefault((step["relation"], step["column_name"]), []).append(step)
    relation, _, column = lineage["column"].rpartition(".")
    root = Node(relation, (column,))
    _unfold(root, steps, set())
    return root


def _unfold(node: Node, steps: Mapping[tuple[str, str], list[Record]], known: set[tuple[str, str]]) -> None:
    found: dict[str, Node] = {}
    for column in node.columns:
        for step in steps.get((node.relation, column), []):
            parent = found.setdefault(step["parent_relation"], Node(step["parent_relation"], ()))
            parent.columns = _with(parent.columns, [step["parent_column"]])
            parent.macros = _with(parent.macros, filter(None, (step["macros"] or "").split(", ")))
    node.parents = sorted(found.values(), key=lambda each: (each.is_origin, each.relation))
    for parent in node.parents:
        new = {(parent.relation, column) for column in parent.columns} - known
        parent.is_above = not new and not parent.is_origin
        known |= new
        if new and not parent.is_origin:
            _unfold(parent, steps, known)


def _with(names: Columns, more: Iterable[str]) -> Columns:
    return tuple(sorted({*names, *more}))


def page(root: Node, entered: Iterable[str]) -> str:
    """HTML; `entered` are the datasets of which rows went into the figure, the others are of other instruments."""
    told = " ".join(entered)
    return f'<div class="lineage" role="group" aria-label="Lineage">{_item(root, told, 0)}</div>'


def _item(node: Node, entered: str, depth: int) -> str:
    said = _said(node, entered)
    if not node.parents:
        return f'<div class="leaf">{said}</div>'
    inner = "".join(_item(parent, entered, depth + 1) for parent in node.parents)
    return f"<details{' open' if depth < OPEN else ''}><summary>{said}</summary>{inner}</details>"


def _said(node: Node, entered: str) -> str:
    columns = escape(", ".join("rows" if each == "*" else each for each in node.columns))
    parts = [f"<code>{escape(node.relation)}</code> <span>{columns}</span>"]
    if node.macros:
        parts.append(f'<em title="{escape(", ".join(node.macros))}">by {escape(_few(node.macros))}</em>')
    if node.is_above:
        parts.append("<small>unfolded above</small>")
    if node.is_origin:
        parts.append(f'<b class="{"origin" if _has_entered(node, entered) else "origin other"}">{_kind(node)}</b>')
    return " ".join(parts)


def _few(names: Columns) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _kind(node: Node) -> str:
    schema, _, name = node.relation.partition(".")
    return "configuration" if schema == "config" else f"raw {escape(name.partition('_')[0])}"


def _has_entered(node: Node, entered: str) -> bool:
    schema, _, name = node.relation.partition(".")
    return schema == "config" or name.partition("_")[0] in entered
