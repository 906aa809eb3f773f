"""A simulated process: what dies at once when it is killed."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.fiber import Fiber
    from tests.simulation.loop import NumberedTask


class Killed(BaseException):
    """The process that runs is no more; no `except` or `finally` of its own reaches the disk after this."""


@dataclass(eq=False)
class Process:
    """One life of a program: its tasks and its threads."""

    name: str
    number: int  # as a process id: no two lives share one
    is_dead: bool = False
    count_operations: int = 0  # on the disk
    dies_at: int | None = None  # the disk operation that it does not survive
    dies_after: str | None = None  # the kind of operation that is its last
    takes_the_power_along: bool = False  # it dies of a power loss
    tasks: "list[NumberedTask]" = field(default_factory=list)
    fibers: "list[Fiber]" = field(default_factory=list)

    def count_operation(self, kind: str) -> bool:
        """Whether it survives; an operation that is to be its last is carried out, the next one is not."""
        self.count_operations += 1
        if self.dies_at is not None and self.count_operations >= self.dies_at:
            return False
        if kind == self.dies_after:
            self.dies_at = self.count_operations + 1
        return True

    def __str__(self) -> str:
        return f"{self.name}#{self.number}"


PROCESS: ContextVar[Process | None] = ContextVar("PROCESS", default=None)
