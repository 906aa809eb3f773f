"""The `factors` section of config.yaml: a file of factor returns of the user's own."""

from pathlib import Path
from typing import Literal

from quant.settings.section import Section


class Factors(Section):
    """`file`: Parquet or CSV, one row per period: ts (or date, month), a column per factor, rf if there is one."""

    file: Path | None = None
    frequency: Literal["daily", "monthly"] = "monthly"

    def path(self, config: Path) -> Path | None:
        """Where the file is: a relative path begins where config.yaml lies."""
        return None if self.file is None else config.parent / self.file.expanduser()
