"""When an answer cannot be had, the last good one stays, and the page says since when."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.last_good import LastGood, noting
from quant.errors import QuantError

Visit = Callable[..., AppTest]
ONE = pa.table({"price": [1.0]})


def fail() -> pa.Table:
    raise QuantError("the disk is away.")


def test_the_last_good_answer_stands_in_and_is_said_once() -> None:
    memory = LastGood(most=2)
    with noting() as notes:
        assert memory.ask("price", lambda: ONE) is ONE
        assert notes == []
        assert memory.ask("price", fail) is ONE
        assert memory.ask("price", fail) is ONE
    (said,) = notes
    assert said.startswith("the disk is away. Shown is what was known at ")


def test_what_never_was_answered_fails_and_the_oldest_is_forgotten() -> None:
    memory = LastGood(most=2)
    for question in ("first", "second", "third"):
        memory.ask(question, lambda: ONE)
    with pytest.raises(QuantError):
        memory.ask("first", fail)
    with noting() as outer, noting() as inner:
        memory.ask("third", fail)
    assert len(inner) == 1 and outer == []


def test_a_page_keeps_its_numbers_when_a_live_view_fails(
    visit: Visit, publish_empty: Callable[..., None], tmp_path: Path
) -> None:
    """The files of a live view go away under the page, as when a disk is unplugged."""
    live = tmp_path / "health.json"
    live.write_text('{"age_seconds": 600}')
    columns = "'binance' as source, 'trades' as dataset, 'BTCUSDT' as symbol, now() as last_event_at, "
    columns += "now() as last_fetched_at, age_seconds, 30.0 as promised_seconds, true as is_stale"
    view = f"create view serving.health as select {columns} from read_json('{live}', columns={{age_seconds: 'DOUBLE'}})"
    publish_empty("serving.health", insert=view)
    before = visit("data-health")
    assert not any("Last good data" in str(element.value) for element in before.markdown)
    live.unlink()
    data._kept_for_a_moment.clear()
    after = visit("data-health")
    said = " ".join(str(element.value) for element in after.markdown)
    assert "Last good data" in said and "could not answer" in said and "Shown is what was known at" in said
    assert "Trades of BTCUSDT from binance are 10 min old" in said
    assert len(after.get("vega_lite_chart")) == len(before.get("vega_lite_chart")) == 1
