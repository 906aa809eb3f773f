"""The verbs that ask the newest build for one figure, or for rows as a file."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from quant.cli.choices import Format
from quant.instants import first_instant, instant_after


def explain(
    symbol: Annotated[str, typer.Argument(help="A symbol, a portfolio or the underlying of options.")],
    metric: Annotated[str, typer.Argument(help="An id of `quant metrics`.")],
    source: Annotated[str | None, typer.Option(help="Where several sources have the symbol.")] = None,
    interval: Annotated[str | None, typer.Option(help="Length of the bars; 1d if unsaid.")] = None,
    expiry: Annotated[str | None, typer.Option(help="Of a figure of one expiry: its date.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="NAME:VALUE", help="What else tells it: lag:5, b:MSFT.")
    ] = None,
    format: Annotated[Format, typer.Option(help="table is a page for people; or json.")] = Format.table,
) -> None:
    """Show why a figure is what it is: formula, SQL that yields it, parameters, inputs, ingest runs, lineage."""
    from quant.cli.explaining import print_explanation
    from quant.settings import load_settings

    print_explanation(load_settings(), symbol, metric, (source, interval, expiry, where or []), format.value)


def export(
    name: Annotated[
        str, typer.Argument(metavar="RELATION | METRIC", help="bars, latest_risk, meta.gaps; rsi: its history.")
    ],
    out: Annotated[Path, typer.Option(help="This file; .parquet, .csv, .arrow or .ndjson at its end is the format.")],
    symbol: Annotated[str | None, typer.Option(help="Of one symbol, portfolio or underlying.")] = None,
    source: Annotated[str | None, typer.Option(help="Of one source.")] = None,
    interval: Annotated[str | None, typer.Option(help="Of one length of bars.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", parser=first_instant, metavar="INSTANT", help="From then on, UTC.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", parser=instant_after, metavar="INSTANT", help="Up to then; a date is included whole."),
    ] = None,
    fields: Annotated[str | None, typer.Option(help="Only these columns: ts,close,volume.")] = None,
    format: Annotated[str | None, typer.Option(help="Where the file's name says none.")] = None,
) -> None:
    """Write a public relation, or the history of a metric of bars, to a file that names the build it came from."""
    from quant.cli.export import export_rows
    from quant.settings import load_settings

    columns = tuple(each.strip() for each in fields.split(",")) if fields else ()
    typer.echo(export_rows(load_settings(), name, (symbol, source, interval, since, until, columns), out, format))
