"""dbt's unit tests: whether each model says what its yml claims. Builds leave them out: they judge models, not data."""

import json

from tests.conftest import Demo


def test_every_unit_test_of_the_models_passes(demo: Demo) -> None:
    demo.run("-m", "quant.cli", "dbt", "test", "--select", "test_type:unit")
    results = json.loads((demo.settings.duckdb_path / "aside" / "run_results.json").read_text())["results"]
    assert len(results) >= 30
    assert {result["status"] for result in results} == {"pass"}
