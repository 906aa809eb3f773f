"""What the option tests share: golden rows, and options drawn at random."""

import csv
from pathlib import Path

from hypothesis import strategies as st

GOLDEN = Path(__file__).parent.parent / "golden"
ARGUMENTS = ("s", "k", "t", "r", "sigma", "q")

ANY_NUMBER = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
OPTION = st.tuples(
    st.floats(1e-2, 1e5),  # spot
    st.floats(0.05, 20),  # strike / spot
    st.floats(1e-4, 30),  # years
    st.floats(-0.1, 0.3),  # rate
    st.floats(0.01, 3),  # sigma
    st.floats(-0.1, 0.3),  # dividend yield
)


def read_golden(name: str) -> list[dict[str, str]]:
    """The rows of a golden file; its first line says which program made it."""
    with (GOLDEN / name).open() as file:
        assert file.readline().startswith("# ")
        return list(csv.DictReader(file))
