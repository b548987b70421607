"""How long to wait before connecting again."""

FIRST = 0.05
CAP = 1.0  # the application must be back within 2 s of ARI answering


def delay(attempt: int, chance: float) -> float:
    """Seconds before attempt number `attempt` (from 0); `chance` in [0, 1) spreads them (full jitter)."""
    return chance * min(CAP, FIRST * 2.0 ** min(attempt, 10))
