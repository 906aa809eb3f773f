"""What a demo build gives to POST /sql: every relation that is stored, and nothing of this machine."""

import re

import duckdb

from quant.settings import Settings
from quant.sql.public_database import FROZEN, STAND_INS
from quant.sql.public_names import read_public_names

PATH = re.compile(r"(^|[\s'\"(=])(/[\w.-]+){2,}|\b(https?|wss?|s3)://")


def test_in_a_real_build_only_what_is_of_the_present_is_absent(demo_warehouse: Settings) -> None:
    """What reads Parquet is found by trying, and each of these has a word on what to use instead."""
    folder = demo_warehouse.market_path.resolve().parent
    names = read_public_names(folder)
    assert names.absent.keys() <= STAND_INS.keys()
    assert len(names.relations) > 40 and FROZEN[0] in names.relations


def test_no_text_of_a_real_build_is_a_path_or_an_address(demo_warehouse: Settings) -> None:
    database = demo_warehouse.market_path.resolve().with_name("public.duckdb")
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute("select relation, column_name from meta.columns where type = 'VARCHAR'").fetchall()
        for relation, column in columns:
            values = connection.execute(f'select distinct "{column}" from {relation}').fetchall()
            found = [value for (value,) in values if value and PATH.search(value) and relation != "meta.formulas"]
            assert found == [], (relation, column)
