"""The text of a query before it is parsed: tokens, and what makes one text mean two things to two parsers."""

import unicodedata
from itertools import zip_longest

from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from quant.sql.dialect import ENGINE
from quant.sql.refusal import SqlRefusal, place, shown

MOST_TOKENS = 4000
MOST_NESTED = 40
OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
QUOTED = {TokenType.STRING, TokenType.IDENTIFIER, TokenType.RAW_STRING, TokenType.HEREDOC_STRING}
STRANGE = {
    TokenType.BYTE_STRING: "e'...'", TokenType.NATIONAL_STRING: "n'...'", TokenType.HEX_STRING: "x'...'",
    TokenType.BIT_STRING: "b'...'", TokenType.UNICODE_STRING: "u&'...'",
}  # fmt: skip
LAYOUT = "\t\n\r "


def tokens_of(sql: str) -> list[Token]:
    """The tokens of `sql`. Raises SqlRefusal for too many, nested too deep, and for letters that nobody can see."""
    _refuse_hidden_letters(sql)
    try:
        tokens = ENGINE.tokenize(sql)
    except SqlglotError as error:
        raise SqlRefusal(f"the text cannot be read ({shown(str(error))}): is a quote or a comment open?") from None
    if len(tokens) > MOST_TOKENS:
        raise SqlRefusal(
            f"the query has {len(tokens)} words and signs; {MOST_TOKENS} are allowed: ask for less at once"
        )
    _refuse_depth(sql, tokens)
    for token, following in zip_longest(tokens, tokens[1:]):
        _refuse_doubtful(sql, token, following)
    return tokens


def _refuse_hidden_letters(sql: str) -> None:
    for index, letter in enumerate(sql):
        if unicodedata.category(letter)[0] in "CZ" and letter not in LAYOUT:
            code = f"U+{ord(letter):04X}"
            raise SqlRefusal(f"{place(sql, index)}{code} cannot be seen or is no ordinary space: remove it")


def _refuse_depth(sql: str, tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        if depth > MOST_NESTED:
            where = place(sql, token.start)
            raise SqlRefusal(f"{where}brackets are nested more than {MOST_NESTED} deep: use `with` for the inner parts")


def _refuse_doubtful(sql: str, token: Token, following: Token | None) -> None:
    where = place(sql, token.start)
    if token.token_type in STRANGE:
        kind = STRANGE[token.token_type]
        raise SqlRefusal(f"{where}texts like {kind} are not allowed: write '...', and chr(10) for a line feed")
    if token.token_type not in QUOTED and not token.text.isascii():
        raise SqlRefusal(f"{where}{shown(token.text)} has letters beyond ASCII: put a name like that in double quotes")
    touches = following is not None and following.start == token.end + 1
    if touches and following is not None and token.token_type == TokenType.NUMBER and following.text[:1].isidentifier():
        text = shown(token.text + following.text)
        raise SqlRefusal(f"{where}{text} is a number that runs into a name: write a space, or the number in decimals")
