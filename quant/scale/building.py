"""A build that is split: shards by an engine, then what looks across them by dbt, then the same publish as ever."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from quant.boundary import read_boundary
from quant.build import Builder, ensure_datasets, write_models_provenance
from quant.configuration import configuration_tables, instants, write_instants
from quant.errors import BuildError, QuantError
from quant.fingerprint import code_print
from quant.publish import BuildRecord, is_build
from quant.retention import read_kept_since
from quant.scale.engines import Engine, engine_of, task_of
from quant.scale.home import shard_store
from quant.scale.manifest import MadeShard, Manifest, builds_in_use, read_manifest
from quant.scale.mirror import mirror_of
from quant.scale.plan import Model, Plan, in_transit, models_of, needed
from quant.scale.record import Record, at_instant, datasets_of, read_record, with_raw_relations
from quant.scale.relations import attach, store_served, verify
from quant.scale.reuse import is_settled, stands, whole_shards
from quant.scale.shards import BUILDS, SeriesKey, Shard
from quant.scale.spark import require_pyspark
from quant.scale.store import Store, StoreError
from quant.scale.task import ShardResult, build_shard, folder_of
from quant.settings import Settings

log = logging.getLogger(__name__)

# So long after the newest of its files time alone changes nothing more: minutes are final, their hours are counted.
SETTLED_AFTER = timedelta(hours=2)
MIRRORED = "mirrored.json"


def builder_of(settings: Settings) -> Builder:
    """The builder that config.yaml asks for. ConfigError at once if Spark is asked for and not installed."""
    if settings.scale.engine == "spark":
        require_pyspark()
    return Builder(settings) if settings.scale.count is None else ShardedBuilder(settings)


@dataclass
class ShardedBuilder(Builder):
    """Publishes what Builder does: a market.duckdb in which what shards made are views over their files."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.engine: Engine = engine_of(self.settings.scale)
        self.store = shard_store(self.settings)
        self._compiled: tuple[str, tuple[Model, ...]] = ("", ())

    def _fill(self, database: Path, record: BuildRecord, tested: bool) -> None:
        models = self._models(database, record)
        plan = self._plan_of(models, record)
        try:
            self._fill_with(plan, models, database, record, tested)
        except (QuantError, duckdb.Error, OSError):
            with suppress(StoreError):  # what failed first is what is to be told
                self.store.drop(folder_of(plan.build_id))
            raise

    def _fill_with(
        self, plan: Plan, models: tuple[Model, ...], database: Path, record: BuildRecord, tested: bool
    ) -> None:
        manifest = self._made(plan, record)
        attach(database, manifest, self.store)
        # Of an object store the last build stored what is served: those views are to be made anew as well.
        views = () if tested or self.store.is_remote else ("config.materialized:view",)
        whole = ("--full-refresh",) if record.kind == "full" else ()
        made = (model.name for model in models if model.is_sharded)
        self._dbt(database, "run", *whole, "--exclude", *made, *views)
        if tested:
            self._dbt(database, "test", "--exclude-resource-type", "unit_test")
        if record.kind == "full":
            write_models_provenance(database, {model.relation: model.select for model in models})
        with duckdb.connect(str(database)) as connection:
            write_instants(connection, plan.instants)  # dbt wrote later ones; shards and live views must meet
        if self.store.is_remote:
            store_served(database, models, self.store)
        manifest.write(database.parent)

    def _tidy(self) -> None:
        """Drop the files of shards that no build on disk reads any more; the next build tries again what fails."""
        try:
            used = builds_in_use(path for path in (self.builds.path / "builds").iterdir() if path.is_dir())
            for build_id in set(self.store.folders(BUILDS)) - used:
                if is_build(build_id):
                    self.store.drop(folder_of(build_id))
        except (BuildError, OSError) as error:
            log.warning("shards of old builds could not be deleted: %s", error)

    def planned(self) -> Plan:
        """What the tasks of a full build would do now; nothing is built or published."""
        ensure_datasets(self.settings)
        with self.builds.exclusive():
            record = self._plan(full=True)
            return self._plan_of(self._models(self.builds.prepare(record), record), record)

    @property
    def _own_record(self) -> Store:
        return Store(str(self.settings.parquet_path.absolute()))

    def _models(self, database: Path, record: BuildRecord) -> tuple[Model, ...]:
        """Every model as dbt compiles it for a full build; asked once for each version of models and settings."""
        known, models = self._compiled
        if known != record.fingerprint:
            result = self._dbt(database, "compile", "--full-refresh", "--select", "resource_type:model")
            models = models_of(item.node for item in result.result.results if item.node.resource_type == "model")
            self._compiled = record.fingerprint, models
        return models

    def _plan_of(self, models: tuple[Model, ...], record: BuildRecord) -> Plan:
        settings, sharded, at = self.settings, needed(models), datetime.now(UTC)
        return Plan(
            build_id=record.build_id,
            models=tuple(replace(model, select=at_instant(with_raw_relations(model.select), at)) for model in sharded),
            datasets=datasets_of(model.select for model in sharded),
            tables=in_transit(configuration_tables(settings)),
            instants=instants(read_boundary(settings.parquet_path)),
            kept_since=read_kept_since(settings.parquet_path),
            code=code_print(),
            root=self.store.root,
            memory=settings.scale.task_memory,
        )

    def _made(self, plan: Plan, record: BuildRecord) -> Manifest:
        """The shards of this build: those whose files changed made anew, the others as they were."""
        began = datetime.now(UTC)
        rows = read_record(self._raw(), plan.datasets)
        # A copy is as old as its upload: how long nothing came is told by our own files.
        own = read_record(self._own_record, plan.datasets) if self.store.is_remote else rows
        shards = self._shards(rows)
        before = self._before(record)
        old = whole_shards(before, self.store)
        stale = [shard for shard in shards if not stands(shard, old.get(shard.number))]
        results = self._run(plan, rows, stale)
        settled_by = began - self._settled_after
        made = {
            shard.number: MadeShard(
                plan.build_id, shard.print, is_settled(own, shard, settled_by), results[shard.number].rows
            )
            for shard in stale
        }
        kept = {shard.number: old[shard.number] for shard in shards if shard.number not in made}
        columns = next((result.columns for result in results.values()), before.columns)
        verify(Manifest(self.store.root, columns, made), self.store)
        if made:
            self.store.keep(folder_of(plan.build_id))
        log.info("%d of %d shards with symbols made, %d as they were", len(made), len(shards), len(kept))
        if unsettled := [number for number in made if number in old and not old[number].settled]:
            log.info("%d of them because their files were younger than %s then", len(unsettled), self._settled_after)
        return Manifest(self.store.root, columns, {**kept, **made})

    def _raw(self) -> Store:
        """The record where tasks can read it."""
        if not self.store.is_remote:
            return self._own_record
        return mirror_of(self._own_record, self.store, self.builds.path / MIRRORED).bring_up_to_date()

    def _before(self, record: BuildRecord) -> Manifest:
        """What the last build was made of; of no shard where nothing of it may be kept."""
        before = read_manifest(self.builds.link.resolve().parent) if record.kind == "incremental" else None
        return before if before and before.root == self.store.root else Manifest(self.store.root, {}, {})

    @property
    def _settled_after(self) -> timedelta:
        grace = timedelta(seconds=self.settings.crypto.final_grace_seconds)
        return max(SETTLED_AFTER, grace + timedelta(hours=1))

    def _shards(self, rows: Record) -> list[Shard]:
        keys = [SeriesKey(each.source, each.symbol) for each in self.settings.instruments]
        return rows.shards(keys, self.settings.scale.count or 1, self._shared_symbols)

    @property
    def _shared_symbols(self) -> tuple[str, ...]:
        return (self.settings.options.rate_series,) if self.settings.options.rate_series else ()

    def _run(self, plan: Plan, rows: Record, shards: list[Shard]) -> dict[int, ShardResult]:
        """The results by shard; BuildError names the symbol of one that cannot be made."""
        results = {result.number: result for result in self.engine.run(task_of(plan), shards)} if shards else {}
        for shard in shards:
            result = results.get(shard.number)
            if result is None:
                raise BuildError(f"shard {shard.number} ({shard.symbols}) has no result: build again")
            if result.failure is not None:
                raise BuildError(self._explained(plan, rows, shard, result.failure))
        return results

    def _explained(self, plan: Plan, rows: Record, shard: Shard, failure: str) -> str:
        """Which symbol of a shard it is: the half that fails is halved until one is left."""

        def failure_of(keys: tuple[SeriesKey, ...]) -> str | None:
            return build_shard(plan, rows.shard(shard.number, keys, self._shared_symbols)).failure

        keys = shard.keys
        while len(keys) > 1:
            half = keys[: len(keys) // 2]
            keys = half if failure_of(half) else keys[len(half) :]
        alone = failure_of(keys) if len(shard.keys) > 1 else failure
        if keys and alone:
            return f"{keys[0].symbol} of {keys[0].source} (shard {shard.number}) cannot be built: {alone}"
        return f"{shard.symbols} together (shard {shard.number}) cannot be built: {failure}"
