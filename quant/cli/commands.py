"""Every verb of `quant` with its options; what a verb does lies elsewhere and is imported when it is asked for.

`quant --help` must answer at once, and dbt alone takes seconds to import.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from quant.cli.asking import explain, export
from quant.cli.choices import Asked, Dataset, EngineName, Format, KeyVerb

app = typer.Typer(
    help="Market analytics you can trust: run it, build it, ask it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Demo = Annotated[bool, typer.Option("--demo", help="Use the stand-in market and data/demo instead of live sources.")]


OUT = "Write the answer to this file; .csv, .json or .parquet at its end is the format."
QUOTES = (
    "Of options: underlying, quoted_at, expiry, strike, right, bid and ask or mid, spot, rate; optional: "
    "dividend_yield, volume, open_interest, exercise. --param rate=0.04 stands for a column, --param expiry_days=30 "
    "keeps an expiry."
)
EQUITY = (
    "Bars that say nothing else are days (interval 1d) of an equity (252 a year): a column interval, asset_class "
    "(equity, crypto) or periods_per_year, or --param ppy=365, says it."
)


@app.callback()
def select_market(demo: Demo = False) -> None:
    """Market analytics you can trust: run it, build it, ask it."""
    if demo:
        os.environ["QUANT_DEMO"] = "true"  # before settings are read, and children inherit it


@app.command()
def up(demo: Demo = False) -> None:
    """Start everything, print the addresses once all is healthy; Ctrl-C stops it and leaves no process."""
    from quant.cli.up import run_everything
    from quant.settings import load_settings

    select_market(demo)
    run_everything(load_settings())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def ingest(
    context: typer.Context,
    dataset: Annotated[
        Dataset,
        typer.Argument(
            help="What to pull; `archive FILE...` takes in the exchange's zips, `fill` fetches what open gaps are "
            "missing, `compact` closes finished hours of ticks."
        ),
    ],
    once: Annotated[bool, typer.Option("--once", help="Pull once and end, instead of staying.")] = False,
) -> None:
    """Run one source alone: crypto stays on the stream, the others pull at their interval."""
    rest = [_from_here(each) for each in context.args] if dataset is Dataset.archive else context.args
    arguments = ["-m", "ingest", dataset.value, *(["--once"] if once else []), *rest]
    os.chdir(Path(__file__).resolve().parents[2])
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])  # signals and the exit code need no passing on


def _from_here(argument: str) -> str:
    """A file as it is called from anywhere; options stay as they are."""
    return argument if argument.startswith("-") else str(Path(argument).absolute())


@app.command()
def build(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Compute everything anew.")] = False,
    tests: Annotated[bool, typer.Option(help="Run every data test; a full build always does.")] = False,
    engine: Annotated[
        EngineName | None, typer.Option(help="Who works on shards: this machine or Apache Spark.")
    ] = None,
    master: Annotated[str | None, typer.Option(help="Of Spark: spark://host:7077, local[4], k8s://...")] = None,
    shards: Annotated[int | None, typer.Option(min=1, help="Share the symbols out among so many tasks.")] = None,
) -> None:
    """Build the warehouse aside and publish it; if anything fails, the old answers stay.

    Without shards one DuckDB does it all. With them each task runs the same SQL on its symbols: docs/scale.md.
    """
    from quant.cli.building import build_once, choose_scale
    from quant.settings import load_settings

    if engine is EngineName.local and master is not None:
        raise typer.BadParameter("this machine has none: leave it out, or say --engine spark", param_hint="--master")
    choose_scale(engine=engine.value if engine else None, master=master, shards=shards)
    build_once(load_settings(), full=full_refresh, tests=tests)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def dbt(context: typer.Context) -> None:
    """Run any dbt command on a copy of the newest build, which is thrown away; config.yaml gives the vars.

    For example `quant dbt ls --select serving`, `quant dbt test`, `quant dbt docs generate --static`; what dbt
    writes beside the database (documents, manifest) stays in duckdb/aside. `quant build` is what publishes.
    """
    if context.args[:1] in ([], ["--help"], ["-h"]):
        typer.echo(context.get_help())
        return
    from quant.cli.building import run_dbt
    from quant.settings import load_settings

    run_dbt(load_settings(), context.args)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="One or more statements; without any, a DuckDB prompt.")] = None,
    format: Annotated[Format | None, typer.Option(help="How the answer is written; table if unsaid.")] = None,
    out: Annotated[Path | None, typer.Option(help=OUT)] = None,
) -> None:
    """Ask the newest build, read-only: every table, live view and formula is there."""
    from quant.cli.query import answer, prompt
    from quant.settings import load_settings

    settings = load_settings()
    if query is None:
        prompt(settings)
    else:
        answer(settings, query, format.value if format else None, out)


app.command()(explain)
app.command()(export)


@app.command()
def status() -> None:
    """Show the build, how fresh each source is, the scheduler's jobs, gaps and findings."""
    from quant.cli.tables import print_status
    from quant.settings import load_settings

    print_status(load_settings())


@app.command()
def notify(
    what: Annotated[
        Asked,
        typer.Argument(
            help="`test` sends a message to each destination and says whether it was taken; `status` shows what waits, "
            "what arrived and what failed."
        ),
    ],
) -> None:
    """Try or show where alerts go; addresses come from QUANT_NOTIFICATIONS__URLS and are never shown."""
    from quant.cli.notifying import print_notifications, send_tests
    from quant.settings import load_settings

    settings = load_settings()
    if what is Asked.test:
        raise typer.Exit(send_tests(settings))
    print_notifications(settings)


@app.command()
def key(
    what: Annotated[
        KeyVerb,
        typer.Argument(help="`new` makes a key and prints it once, `list` names all, `revoke` ends one at once."),
    ],
    name: Annotated[str | None, typer.Argument(help="Whose key it is, as you like: laptop.")] = None,
) -> None:
    """Keys of the API, which are needed as soon as other machines can reach it; only their hashes are stored."""
    from quant.cli.keying import run_key
    from quant.settings import load_settings

    run_key(load_settings(), what.value, name)


@app.command()
def doctor() -> None:
    """Check this machine and the sources, and say the remedy for whatever is wrong."""
    from quant.cli.tables import print_checks
    from quant.settings import load_settings

    raise typer.Exit(print_checks(load_settings()))


@app.command(
    epilog=f"{EQUITY} For example: quant compute rsi --bars prices.parquet --param n=21 --out rsi.csv",
)
def compute(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="An id of `quant metrics`.")],
    bars: Annotated[
        str | None, typer.Option(metavar="FILE", help="Parquet or CSV with ts and close, and what else it reads.")
    ] = None,
    quotes: Annotated[
        str | None,
        typer.Option(metavar="FILE", help=QUOTES),
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option(metavar="FILE", help="The benchmark's bars, or a symbol among the bars.")
    ] = None,
    factors: Annotated[
        str | None, typer.Option(metavar="FILE", help="ts (or date, month), a column for each factor, rf.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="One parameter, n=21; may be given many times.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help=OUT)] = None,
    format: Annotated[Format | None, typer.Option(help="How the answer is written.")] = None,
) -> None:
    """Compute any metric with any parameters from your own bars or quotes of options; needs no build and no network."""
    from quant.cli.computing import compute_file

    compute_file(metric, bars, benchmark, factors, param or [], out, format.value if format else None, quotes)


@app.command()
def metrics(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[ID | WORDS]", help="An id shows that metric alone, words search.")
    ] = None,
) -> None:
    """List or search all metrics, or show one: formula, unit, source, parameters, example, where it is stored."""
    from quant.cli.metric_tables import print_metrics
    from quant.settings import load_settings

    print_metrics(load_settings(), words or [])


@app.command()
def version() -> None:
    """Print the versions of the product and of what it computes with."""
    from importlib.metadata import version as installed

    names: list[Literal["quant-dashboard", "duckdb", "dbt-core", "dbt-duckdb"]]
    names = ["quant-dashboard", "duckdb", "dbt-core", "dbt-duckdb"]
    typer.echo(", ".join(f"{name} {installed(name)}" for name in names))
