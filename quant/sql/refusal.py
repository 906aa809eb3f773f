"""Why a query is not run: one sentence that says what, where and what to do instead."""

from quant.errors import QuantError


class SqlRefusal(QuantError):
    """Raised while a query is read or run; `kind` says which limit or rule, `known` what would have been accepted."""

    def __init__(self, detail: str, kind: str = "refused", known: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.kind = kind
        self.known = known


def place(sql: str, start: int | None) -> str:
    """`line 2, column 7: `, counted from 1; empty where it is not known."""
    if start is None or not 0 <= start <= len(sql):
        return ""
    return f"line {sql.count(chr(10), 0, start) + 1}, column {start - sql.rfind(chr(10), 0, start)}: "


def shown(text: str) -> str:
    """A name of the caller's as it may stand in an answer: printable and short."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= 60 else f"{plain[:57]}..."
