"""Building: dbt in this process, in builds/next, published only when every model and test passed."""

import gc
import json
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from quant.boundary import read_boundary
from quant.configuration import configuration_tables
from quant.errors import BuildError, DataWarning
from quant.fingerprint import fingerprint
from quant.logs import without_clock
from quant.provenance import write_provenance
from quant.publish import BuildRecord, Builds, new_build_id
from quant.retention import read_kept_since
from quant.rule_columns import check_rules
from quant.settings import PROJECT_PATH, Settings
from quant.settings.signals import signal_vars
from quant.sql.public_database import write_public_database
from quant.sql.public_names import DATABASE as PUBLIC_DATABASE

log = logging.getLogger(__name__)

SILENT = ("--log-level", "none", "--log-level-file", "debug")  # what failed comes as BuildError; the rest is in logs/


@dataclass
class Builder:
    """One long-lived dbt runner: the first import of dbt costs seconds, a build in a warm one does not."""

    settings: Settings
    project: Path = PROJECT_PATH

    def __post_init__(self) -> None:
        self.builds = Builds(self.settings.duckdb_path)
        self._runner = dbtRunner()

    def build(self, *, full: bool = False, tests: bool = False) -> BuildRecord:
        """Build aside and publish. Raises BuildError, and leaves the published build alone, if anything fails;
        ConfigError for a file of the user's that cannot be read.
        """
        with self.builds.exclusive():
            check_configuration(self.settings)
            ensure_datasets(self.settings)
            record = self._plan(full)
            started = time.monotonic()
            database = self.builds.prepare(record)
            tested = tests or record.kind == "full"
            self._fill(database, record, tested)
            if tested:
                record = replace(record, tested_at=datetime.now(UTC).isoformat())
            write_build_history(database, record, time.monotonic() - started)
            make_public(self.settings, database)
            self.builds.publish(record)
            log.info("build %s published: %s, %.1f s", record.build_id, record.kind, time.monotonic() - started)
            self._tidy()
            return record

    def _fill(self, database: Path, record: BuildRecord, tested: bool) -> None:
        """Every relation of the build, by dbt."""
        result = self._dbt(database, *_commands(record.kind, tested))
        if record.kind == "full":
            nodes = [item.node for item in getattr(result.result, "results", [])]
            models = [node for node in nodes if node.resource_type == "model"]
            write_models_provenance(database, {f"{node.schema}.{node.alias}": node.compiled_code for node in models})

    def _tidy(self) -> None:
        """What else a published build leaves behind: nothing."""

    def dbt_aside(self, *arguments: str) -> None:
        """Run any dbt command on a copy of the newest build that is thrown away; nothing is published.

        What dbt writes beside the database (documents, manifest) stays in `duckdb/aside`.
        """
        ensure_datasets(self.settings)
        with self.builds.copy_aside(read_boundary(self.settings.parquet_path)) as database:
            self._dbt(database, *arguments, target="aside", quiet=False)

    def _dbt(self, database: Path, *arguments: str, target: str = "target", quiet: bool = True) -> dbtRunnerResult:
        """Run one dbt command on `database`, with config.yaml's numbers as vars."""
        os.environ["MARKET_BUILD_PATH"] = str(database)
        os.environ["MARKET_PROJECT_PATH"] = str(PROJECT_PATH)
        flags = [*dbt_flags(self.settings, self.project, target), *(SILENT if quiet else ())]
        try:
            with rare_garbage_collection():
                result = self._runner.invoke([*arguments, *flags])
        finally:
            _let_go()
        if not result.success:
            raise BuildError(f"dbt {' '.join(arguments[:1])} failed: {_reasons(result)}")
        return result

    def _plan(self, full: bool) -> BuildRecord:
        current = self.builds.current()
        print_now = fingerprint(self.settings, self.project)
        incremental = current is not None and current.fingerprint == print_now and not full
        return BuildRecord(
            build_id=new_build_id(),
            kind="incremental" if incremental else "full",
            fingerprint=print_now,
            boundary=read_boundary(self.settings.parquet_path).isoformat(),
            started_at=datetime.now(UTC).isoformat(),
            tested_at=current.tested_at if current and incremental else None,
            options_since=read_kept_since(self.settings.parquet_path).isoformat(),
        )


def _commands(kind: str, tested: bool) -> list[str]:
    """What dbt is to do. Views came along with the copy of the last build, so an incremental one leaves them alone."""
    if not tested:
        return ["run", "--exclude", "config.materialized:view"]
    # Unit tests judge the models, not the data: `make test` runs them.
    command = ["build", "--exclude-resource-type", "unit_test"]
    return [*command, "--full-refresh"] if kind == "full" else command


def dbt_flags(settings: Settings, project: Path, target: str) -> list[str]:
    """Flags of every dbt command. They are constant per data root and target, so dbt's partial parse stays valid."""
    return [
        *("--project-dir", str(project)),
        *("--profiles-dir", str(project)),
        *("--target-path", str(settings.duckdb_path / target)),
        *("--log-path", str(settings.duckdb_path / "logs")),
        *("--vars", json.dumps(dbt_vars(settings))),
        "--no-use-colors",
    ]


def dbt_vars(settings: Settings) -> dict[str, object]:
    """config.yaml's numbers by the names that models use; the Parquet path is relative if inside the project."""
    parquet = settings.parquet_path
    inside = parquet.is_relative_to(PROJECT_PATH)
    return {
        "parquet_path": str(parquet.relative_to(PROJECT_PATH) if inside else parquet),
        "option_rate_series": settings.options.rate_series or "",
        "option_wide_share": settings.options.wide_share,
        "option_wide_floor": settings.options.wide_floor,
        "option_stale_days": settings.options.stale_days,
        "option_close_grace_minutes": settings.options.close_grace_minutes,
        **settings.metrics.model_dump(),
        **signal_vars(settings.signals),
    }


def check_configuration(settings: Settings) -> None:
    """Say once what is doubtful in the user's files; ConfigError now, where dbt would try for minutes to go on."""
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always", DataWarning)
        configuration_tables(settings)
    for doubt in doubts:
        log.warning("%s", doubt.message)
    check_rules(settings.signals, dbt_vars(settings))


def ensure_datasets(settings: Settings) -> None:
    """A view over a glob that matches no file cannot be created: let the ingest lay down its empty typed files."""
    if (settings.parquet_path / "ledger" / "dead_letters").is_dir():
        return
    done = subprocess.run([sys.executable, "-m", "ingest", "init"], cwd=PROJECT_PATH, capture_output=True, text=True)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise BuildError(f"the data folder {settings.parquet_path} cannot be laid out: {without_clock(reason[0])}")


def write_build_history(database: Path, record: BuildRecord, seconds: float) -> None:
    """Append this build to meta.builds inside the file, and flush the file; it is not published yet."""
    columns = {name: value for name, value in asdict(record).items() if name != "options_since"}
    row = {**columns, "seconds": seconds}
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table if not exists meta.builds (build_id varchar primary key, kind varchar, fingerprint varchar, "
            "boundary timestamptz, started_at timestamptz, tested_at timestamptz, seconds double)"
        )
        connection.execute(
            "insert into meta.builds by name select $build_id as build_id, $kind as kind, $fingerprint as fingerprint, "
            "$boundary::timestamptz as boundary, $started_at::timestamptz as started_at, "
            "$tested_at::timestamptz as tested_at, $seconds as seconds",
            row,
        )
        connection.execute("checkpoint")


def write_models_provenance(database: Path, models: Mapping[str, str]) -> None:
    """meta.lineage and meta.formulas, from the SQL of the models as dbt compiled it."""
    with duckdb.connect(str(database)) as connection:
        write_provenance(connection, models)


def make_public(settings: Settings, database: Path) -> None:
    """The database of POST /sql beside `database`. Without it a build is published too, and lacks it."""
    if settings.api.sql.is_on is False:
        return
    try:
        write_public_database(database, settings.api.sql.most_cells)
    except (duckdb.Error, OSError) as error:
        database.with_name(PUBLIC_DATABASE).unlink(missing_ok=True)
        log.warning("this build cannot answer POST /sql, its public database could not be made: %s", error)


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """dbt keeps hundreds of thousands of objects, which were looked through again and again: a tenth of a build's CPU.

    The price is 24 MB.
    """
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _let_go() -> None:
    """dbt keeps hold of the database, locked and with its WAL unflushed, and of its log file."""
    DuckDBConnectionManager.close_all_connections()
    for handler in logging.getLogger("file_log").handlers:
        handler.close()


def _reasons(result: dbtRunnerResult) -> str:
    """The names and messages of what failed, shortest way to the fault."""
    if result.exception:
        return str(result.exception)
    failed = [item for item in getattr(result.result, "results", []) if item.status in {"error", "fail"}]
    lines = [f"{item.node.name}: {' '.join((item.message or '').split())}" for item in failed[:5]]
    more = [f"and {len(failed) - 5} more"] if len(failed) > 5 else []
    return "; ".join(lines + more) or "dbt gave no reason; see the log folder"
