"""Every formula of macros/formulas as its file has it: signature, body, what is said of it, where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from quant.formulas import FORMULAS_PATH, formula_files
from quant.metrics import COMMENT, NOTES, Parameter, read_parameters

STATEMENT = re.compile(r"^create or replace macro (\w+)\s*\(", re.MULTILINE)
NEXT_FORM = re.compile(r",\s*\n {4}(?=\([\w\s,:=.]*\)\s+as\b)")
END = re.compile(r";[ \t]*(--[^\n]*)?(\n|\Z)")

FORMULAS = pa.schema(
    {
        "macro": pa.string(),
        "kind": pa.string(),
        "signature": pa.string(),
        "body": pa.string(),
        "comment": pa.string(),
        "notes": pa.string(),
        "file": pa.string(),
        "line": pa.int32(),
    }
)


@dataclass(frozen=True)
class FormulaText:
    """One macro: `kind` is `table` for what stands in FROM, `scalar` for what stands in an expression."""

    macro: str
    kind: str
    parameters: tuple[Parameter, ...]
    body: str
    comment: str
    notes: str
    file: str
    line: int

    @property
    def signature(self) -> str:
        given = (str(each) if each.default else each.name for each in self.parameters)
        return f"{self.macro}({', '.join(given)})"


@cache
def formula_texts(path: Path = FORMULAS_PATH) -> tuple[FormulaText, ...]:
    """In the order of the files; a macro with several forms has one text per form."""
    return tuple(text for file in formula_files(path) for text in _texts(file))


def formula_table() -> pa.Table:
    """One row per formula, as meta.formulas has it."""
    rows = [{**vars(each), "signature": each.signature} for each in formula_texts()]
    return pa.Table.from_pylist(rows, schema=FORMULAS)


def _texts(file: Path) -> Iterator[FormulaText]:
    text = file.read_text()
    comments = {
        (each[2], "table" if each[1] else "scalar"): each[3].replace("''", "'") for each in COMMENT.finditer(text)
    }
    said = ""
    for start in STATEMENT.finditer(text):
        notes = NOTES.search(text[: start.start()])
        said = notes[0].replace("-- ", "").strip() if notes else said  # a block speaks for all macros below it
        line = text.count("\n", 0, start.start()) + 1
        for parameters, body in _forms(text, start.end()):
            kind = "table" if body.startswith("table") else "scalar"
            plain = re.sub(r"^table\s+", "", body)
            comment = comments.get((start[1], kind), "")
            yield FormulaText(start[1], kind, parameters, plain, comment, said, f"macros/formulas/{file.name}", line)


def _forms(text: str, begin: int) -> Iterator[tuple[tuple[Parameter, ...], str]]:
    """Parameters and body of a macro, and of its further forms with other parameters."""
    parameters, after = read_parameters(text, begin)
    first, *further = NEXT_FORM.split(_statement(text, after))
    yield parameters, _body(first)
    for form in further:
        parameters, after = read_parameters(form, form.index("(") + 1)
        yield parameters, _body(form[after:])


def _statement(text: str, begin: int) -> str:
    end = END.search(text, begin)
    return text[begin : end.start()] if end else text[begin:]


def _body(form: str) -> str:
    return re.sub(r"^\s*as\s+", "", form).strip()
