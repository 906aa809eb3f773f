"""The real models on a record without a single row: .ci/run builds it, says where (EMPTY_RECORD), and asks here."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quant.settings import load_settings
from tests.api.conftest import Serve

FOLDER = os.environ.get("EMPTY_RECORD", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="a build of an empty record takes a while: .ci/run makes one")


@pytest.fixture(scope="module")
def api(serve: Serve) -> Iterator[httpx.Client]:
    with serve(load_settings(data_path=Path(FOLDER))) as client:
        yield client


@pytest.mark.parametrize("path", ["/symbols", "/signals", "/catalog", "/health", "/correlation", "/portfolio"])
def test_a_build_of_an_empty_record_answers(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
