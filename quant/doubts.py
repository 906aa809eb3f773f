"""What of the caller's data is doubtful, said where the caller stands: at the line that asked, not at one of ours."""

import os
import sys
import warnings
from pathlib import Path

from quant.errors import DataWarning

OURS = str(Path(__file__).resolve().parent) + os.sep


def warn(message: str) -> None:
    """A DataWarning of the first caller outside this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OURS):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DataWarning, stacklevel=level)


def rows_have(count: int) -> str:
    return f"{count} row has" if count == 1 else f"{count} rows have"
