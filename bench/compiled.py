"""The SQL of the trailing models as dbt compiles it, without dbt: they use only ref, var and names for vars."""

import re
from collections.abc import Mapping

from quant.settings import PROJECT_PATH

FOLDERS = {"ordered_returns": "bars", "returns": "bars"}
TRAILING = (
    "trend", "channels", "averages", "macd", "momentum", "ranges", "directional", "oscillators", "volume",
    "volatility", "range_volatility", "performance",
)  # fmt: skip


def compiled(model: str, variables: Mapping[str, object]) -> str:
    """One select; relations are named as the models are, without a schema."""
    text = (PROJECT_PATH / "models" / FOLDERS.get(model, "metrics") / f"{model}.sql").read_text()
    for left, right in re.findall(r"{% set ([\w, ]+) = ([^%]+) %}", text):
        for name, value in zip(left.split(", "), re.findall(r"var\('(\w+)'\)", right), strict=True):
            text = text.replace("{{ " + name + " }}", "{{ var('" + value + "') }}")
    text = re.sub(r"{% set [^%]+ %}\n|{{ config\([^)]*\) }}\n", "", text)
    text = re.sub(r"{{ var\('(\w+)'\) }}", lambda found: str(variables[found[1]]), text)
    return re.sub(r"{{ ref\('(\w+)'\) }}", r"\1", text)
