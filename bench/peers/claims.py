"""What the scripts of real clients say about what they see."""

from collections.abc import Sequence


def check(claim: str, holds: bool, seen: object = "") -> None:
    """Print the claim, or end the script with it and what was seen instead."""
    if not holds:
        raise SystemExit(f"FAILED: {claim}: {str(seen)[:500]}")
    print(f"ok: {claim}", flush=True)


def consecutive(ids: Sequence[int]) -> bool:
    return list(ids) == list(range(ids[0], ids[0] + len(ids)))
