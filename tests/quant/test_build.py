"""Building with the real dbt on a project of three models: what is published, and when."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quant import connect
from quant.boundary import boundary_path
from quant.build import Builder, check_configuration, dbt_vars
from quant.errors import BuildError, ConfigError
from quant.publish import BuildRecord
from quant.settings import PROJECT_PATH, Settings, load_settings

MODELS = {
    "models/serving/answer.sql": "select 42 as value, {{ var('window_long') }} as window_long",
    "models/serving/growing.sql": (
        "{{ config(materialized='incremental') }}\n"
        "select 1 as build {% if is_incremental() %} union all select max(build) + 1 from {{ this }} {% endif %}"
    ),
    "models/meta/note.sql": "select 'kept' as note",
    "tests/dbt/assert_answer.sql": "select value from {{ ref('answer') }} where value < 40",
    "macros/schema_name.sql": (PROJECT_PATH / "macros" / "schema_name.sql").read_text(),
}
BOUNDARY = datetime(2026, 11, 20, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Built:
    """A builder that has built twice: at once, and after compaction had moved the boundary."""

    builder: Builder
    first: BuildRecord
    second: BuildRecord

    @property
    def settings(self) -> Settings:
        return self.builder.settings

    def write_answer(self, model: str) -> None:
        (self.builder.project / "models/serving/answer.sql").write_text(model)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.settings.market_path) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """dbt_project.yml and profiles.yml of the product with models of our own, built twice."""
    project = tmp_path_factory.mktemp("project")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT_PATH / name, project)
    for path, text in MODELS.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANT_DATA_PATH", str(tmp_path_factory.mktemp("data")))
        builder = Builder(load_settings(), project)
        first = builder.build()
        boundary_path(builder.settings.parquet_path).write_text(BOUNDARY.isoformat())
        return Built(builder, first, builder.build())


@pytest.fixture(autouse=True)
def _same_data(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt's plugin reads settings for itself."""
    monkeypatch.setenv("QUANT_DATA_PATH", str(built.settings.data_path))


def test_the_first_build_is_full_and_tested_and_the_next_one_incremental(built: Built) -> None:
    assert (built.first.kind, built.second.kind) == ("full", "incremental")
    assert built.first.tested_at is not None
    assert built.second.tested_at == built.first.tested_at  # it ran no tests: the last ones passed then
    assert built.ask("select value, window_long from serving.answer") == [(42, 252)]  # 252: config.yaml
    assert built.ask("select build from serving.growing order by all") == [(1,), (1,), (2,)]
    history = built.ask("select build_id, kind, seconds > 0 from meta.builds order by 1")
    assert history == [(built.first.build_id, "full", True), (built.second.build_id, "incremental", True)]


def test_an_incremental_build_has_the_lineage_and_the_formulas_of_the_full_one(built: Built) -> None:
    assert built.second.kind == "incremental"
    assert built.ask("select count(*) from meta.lineage") == [(0,)]  # three models of constants
    assert built.ask("select file from meta.formulas where signature = 'total_return(r)'") == [
        ("macros/formulas/40_performance.sql",)
    ]


def test_each_build_carries_the_boundary_of_its_start(built: Built) -> None:
    assert datetime.fromisoformat(built.first.boundary) == datetime(1970, 1, 1, tzinfo=UTC)
    assert datetime.fromisoformat(built.second.boundary) == BOUNDARY
    assert built.ask("select trades_boundary()") == [(BOUNDARY,)]


def test_a_second_builder_is_refused_while_one_builds(built: Built) -> None:
    other = Builder(built.settings, built.builder.project)
    with built.builder.builds.exclusive(), pytest.raises(BuildError, match="another build is running"):
        other.build()


def test_a_file_that_is_gone_is_told_before_dbt_begins_and_readers_keep_their_build(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANT_FACTORS__FILE", str(tmp_path / "none.csv"))
    monkeypatch.setattr(Builder, "_dbt", lambda *_: pytest.fail("dbt was asked"))
    with pytest.raises(ConfigError, match=r"factors.file: there is no file .*none\.csv"):
        Builder(load_settings(), built.builder.project).build()
    assert built.builder.builds.current() == built.second
    assert built.ask("select value from serving.answer") == [(42,)]


def test_a_file_in_per_cent_is_doubted_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "factors.csv").write_text("date,smb\n2024-01-31,1.5\n")
    monkeypatch.setenv("QUANT_FACTORS__FILE", str(tmp_path / "factors.csv"))
    check_configuration(load_settings())
    assert [record.getMessage() for record in caplog.records] == [
        "factors.csv: half of the values of smb are beyond 1.5, as per cent are: divide by 100"
    ]


def test_dbt_aside_publishes_nothing_and_leaves_its_documents(built: Built, capfd: pytest.CaptureFixture[str]) -> None:
    built.write_answer("select 50 as value")
    built.builder.dbt_aside("build", "--full-refresh", "--select", "answer")

    assert "1 of 2 OK created sql view model serving.answer" in capfd.readouterr().out
    assert built.builder.builds.current() == built.second
    assert built.ask("select value from serving.answer") == [(42,)]
    assert not built.builder.builds.aside_path.exists()
    assert (built.settings.duckdb_path / "aside" / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("select no_such_column as value", "answer: .*no_such_column"),
        ("select 39 as value", "assert_answer: Got 1 result"),
        ("select {{ ref('absent') }}", "absent"),
    ],
    ids=["a model that fails", "a data test that fails", "a project that does not parse"],
)
def test_a_failed_build_leaves_the_old_answers(built: Built, model: str, reason: str) -> None:
    built.write_answer(model)
    with pytest.raises(BuildError, match=reason):
        built.builder.build()
    assert built.builder.builds.current() == built.second
    assert built.ask("select value from serving.answer") == [(42,)]


def test_after_a_failure_the_next_good_build_is_full_and_published(built: Built) -> None:
    built.write_answer("select 44 as value")
    assert built.builder.build().kind == "full"
    assert built.ask("select value from serving.answer") == [(44,)]


def test_dbt_gets_config_yamls_numbers(built: Built) -> None:
    variables = dbt_vars(built.settings)
    assert variables["parquet_path"] == str(built.settings.parquet_path)
    assert variables["window_long"] == built.settings.metrics.window_long
    json.dumps(variables)
