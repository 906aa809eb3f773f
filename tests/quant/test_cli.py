"""The `quant` command as a person runs it: a process, its output, its exit code."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from quant.settings import PROJECT_PATH, Settings

QUERY = "select value, timestamptz '2026-11-22 13:00:00+00' as ts, null as nothing from serving.doubled limit 2"


def quant(*arguments: str, input: str | None = None, options: Sequence[str] = ()) -> subprocess.CompletedProcess[bytes]:
    """Run the command in another folder, as people do. `options` are the interpreter's."""
    return subprocess.run(
        [sys.executable, *options, "-m", "quant.cli", *arguments],
        cwd="/",
        env=os.environ | {"PYTHONPATH": str(PROJECT_PATH), "COLUMNS": "200"},
        input=input.encode() if input is not None else None,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        timeout=120,
    )


HEAVY = {"duckdb", "dbt", "pyarrow", "numpy", "pandas", "pydantic", "fastapi", "streamlit", "yfinance", "websockets"}


def test_help_names_every_verb_and_answers_at_once() -> None:
    done = quant("--help", options=["-X", "importtime"])
    assert done.returncode == 0
    for verb in (
        "up",
        "ingest",
        "build",
        "dbt",
        "sql",
        "compute",
        "status",
        "notify",
        "key",
        "doctor",
        "metrics",
        "version",
    ):
        assert f"│ {verb} ".encode() in done.stdout
    imported = {line.rpartition(b"|")[2].strip().split(b".")[0].decode() for line in done.stderr.splitlines()}
    assert "typer" in imported and imported & HEAVY == set()  # any of them takes longer than all the rest


@pytest.mark.parametrize(
    "verb", ["up", "ingest", "build", "sql", "compute", "status", "notify", "key", "doctor", "metrics", "version"]
)
def test_every_verb_has_help(verb: str) -> None:
    from typer.testing import CliRunner

    from quant.cli.commands import app

    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_a_usage_error_is_2_and_a_wrong_setting_is_1_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert quant("sql", "--format", "xml").returncode == 2
    assert quant("ingest", "bonds").returncode == 2
    monkeypatch.setenv("QUANT_PORTS__API", "zero")
    done = quant("status")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("quant: ")
    assert "ports.api = 'zero'" in line


def test_without_a_build_the_remedy_is_told(settings: Settings) -> None:
    for arguments in (["sql", "select 1"], ["sql"]):
        done = quant(*arguments)
        assert done.returncode == 1
        (line,) = done.stderr.decode().splitlines()
        assert "nothing is built yet" in line
        assert "run `quant up`" in line and "demo" not in line
    status = quant("status")
    assert status.returncode == 0
    assert b"nothing is built yet" in status.stdout


def test_status_says_in_one_sentence_that_the_data_folder_is_gone_or_the_build_unreadable(
    tiny: Any, settings: Settings
) -> None:
    tiny.publish(1)
    for words in ("the data folder is gone, {} is not there: mount it or put it back, and all goes on\n", "build "):
        done = quant("status")
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode().startswith(f"quant: {words.format(settings.parquet_path)}")
        settings.parquet_path.mkdir(exist_ok=True)  # but nothing that the build could read
    assert b"cannot be read, run `quant build --full-refresh`: Catalog Error" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_demo_may_stand_anywhere_and_a_demo_build_is_pointed_at(settings: Settings) -> None:
    for arguments in (["--demo", "sql", "select 1"], ["sql", "select 1", "--demo"]):
        assert b"run `quant up --demo`" in quant(*arguments).stderr
    market = settings.root / "demo" / "duckdb" / "market.duckdb"
    market.parent.mkdir(parents=True)
    market.touch()
    assert b"there is a demo build: add --demo" in quant("sql").stderr


def test_a_folder_that_is_not_there_is_one_sentence(tiny: Any) -> None:
    tiny.publish(21)
    done = quant("sql", QUERY, "--out", "/no/such/folder/answer.txt")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "/no/such/folder/answer.txt cannot be written" in line


def test_sql_prints_a_table(tiny: Any) -> None:
    tiny.publish(21)
    done = quant("sql", QUERY)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert shown.count("42") == 2
    assert "2026-11-22 13:00:00+00" in shown
    assert "timestamp with time zone" in shown


def test_sql_writes_csv_json_and_parquet_to_a_pipe_or_a_file(tiny: Any, tmp_path: Path) -> None:
    tiny.publish(21)

    rows = list(csv.DictReader(io.StringIO(quant("sql", QUERY, "--format", "csv").stdout.decode())))
    assert rows == [{"value": "42", "ts": "2026-11-22 13:00:00+00", "nothing": ""}] * 2

    records = json.loads(quant("sql", QUERY, "--format", "json").stdout)
    assert [record["value"] for record in records] == [42, 42]
    assert records[0]["nothing"] is None

    table = pq.read_table(io.BytesIO(quant("sql", QUERY, "--format", "parquet").stdout))
    assert table.column("value").to_pylist() == [42, 42]
    assert table.schema.field("ts").type.tz == "UTC"

    out = tmp_path / "it's mine.parquet"
    assert quant("sql", QUERY, "--format", "parquet", "--out", str(out)).stdout == b""
    assert pq.read_table(out).num_rows == 2


def test_sql_errors_are_duckdbs_own_words_without_a_traceback(tiny: Any) -> None:
    tiny.publish(1)
    for query, words in {
        "select * from serving.anwser": b'Did you mean "answer',
        "select 1 +": b"syntax error",
        "create table serving.mine as select 1": b"read-only mode",
    }.items():
        done = quant("sql", query)
        assert done.returncode == 1
        assert words in done.stderr
        assert b"Traceback" not in done.stderr


def test_sql_without_a_query_is_the_duckdb_prompt_on_the_same_build(tiny: Any) -> None:
    tiny.publish(21)
    statements = "select max(value) from serving.doubled; select current_setting('TimeZone'); create table t (i int);"
    done = quant("sql", input=statements)
    assert b"42" in done.stdout
    assert b"UTC" in done.stdout
    assert b"read-only" in done.stderr


def test_ingest_passes_arguments_and_exit_code_through(settings: Settings) -> None:
    helped = quant("ingest", "equities", "--help")
    assert helped.returncode == 0
    assert b"crypto stays on the stream" in helped.stdout
    refused = quant("ingest", "compact", "--no-such-option")
    assert refused.returncode == 2
    assert b"python -m ingest" in refused.stderr


def test_archives_are_named_as_seen_from_where_one_stands(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1d-2024-03-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTCUSDT-1d-2024-03-01.csv", "1709251200000,1,2,1,2,5,1709337599999,9,3,1,1,0\n")
    done = quant("ingest", "archive", str(path.relative_to("/")), "missing.zip")
    assert done.stdout.startswith(b"BTCUSDT-1d-2024-03-01.zip: 1 rows, 1 new")
    assert done.returncode == 1
    assert b"ingest archive: /missing.zip is no file" in done.stderr


def test_up_refuses_a_taken_port_before_anything_starts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("QUANT_PORTS__STANDIN", str(other.getsockname()[1]))
        done = quant("up", "--demo")
    assert done.returncode == 1
    assert b"ports.standin in config.yaml" in done.stderr
    assert not (settings.root / "demo").exists()


def test_version_names_product_and_engine() -> None:
    done = quant("version").stdout.decode()
    assert "quant-dashboard 0." in done
    assert "duckdb 2." in done


def test_dbt_without_a_command_shows_help_and_a_wrong_one_is_refused_in_one_sentence(settings: Settings) -> None:
    for arguments in ([], ["--help"]):
        done = quant("dbt", *arguments)
        assert done.returncode == 0
        assert b"quant dbt docs generate" in done.stdout
    refused = quant("dbt", "run", "--no-such-option")
    assert refused.returncode == 1
    assert b"quant: dbt run failed: No such option '--no-such-option'." in refused.stderr
    assert not settings.market_path.exists()
