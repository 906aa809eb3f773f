"""What a section of bench/options.py tells: ratios, each with its aim."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """`value` is to be at least `aim`, or at most where `at_most`; a figure without an aim is only told."""

    what: str
    value: float
    aim: float | None = None
    at_most: bool = False
    unit: str = "x"
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.aim is None:
            return ""
        met = self.value <= self.aim if self.at_most else self.value >= self.aim
        return f"aim {'<=' if self.at_most else '>='} {self.aim:g}: {'met' if met else 'MISSED'}"

    def __str__(self) -> str:
        return f"  {self.what:62} {self.value:8.2f} {self.unit:3} {self.verdict:22} {self.note}".rstrip()
