"""The project with some of its models and no data tests: a build of it takes seconds, all of its machinery included."""

import re
import shutil
from pathlib import Path
from typing import Any

from quant.scale.building import ShardedBuilder
from quant.settings import PROJECT_PATH, Settings
from tests.repo.conftest import Here

REF = re.compile(r"""ref\(['"](\w+)['"]\)""")
# What macros read, whichever models there are; meta.gaps comes for its schema, where builds write their history.
ALWAYS = ("histories", "meta_gaps", "recent_bars", "series", "states")


def project_of(folder: Path, *models: str) -> Path:
    """A dbt project in `folder`: these models and all that they read, with the real macros and sources."""
    texts = {path.stem: path for path in (PROJECT_PATH / "models").rglob("*.sql")}
    wanted: set[str] = set()
    left = [*models, *ALWAYS]
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += REF.findall(texts[name].read_text())
    copied = [*(texts[name] for name in wanted), PROJECT_PATH / "models" / "sources.yml"]
    for path in [*copied, PROJECT_PATH / "dbt_project.yml", PROJECT_PATH / "profiles.yml"]:
        target = folder / path.relative_to(PROJECT_PATH)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copytree(PROJECT_PATH / "macros", folder / "macros")
    return folder


class SplitHere(ShardedBuilder):
    """Its tasks run one after the other in this process. `broken` stops the driver before dbt looks across symbols."""

    broken: Exception | None = None

    def __init__(self, settings: Settings, project: Path) -> None:
        super().__init__(settings, project)
        self.engine = Here()

    def _dbt(self, database: Path, *arguments: str, **how: Any) -> Any:
        if arguments[0] == "run" and self.broken is not None:
            raise self.broken
        return super()._dbt(database, *arguments, **how)
