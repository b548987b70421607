from hypothesis import given
from hypothesis import strategies as st

from agi.ari.backoff import CAP, FIRST, delay


def test_it_doubles_from_50_ms_to_one_second() -> None:
    assert [delay(n, 1.0) for n in range(7)] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert delay(3, 0.5) == 0.2


@given(st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
def test_it_is_never_above_the_cap(attempt: int, chance: float) -> None:
    assert 0 <= delay(attempt, chance) <= CAP
    assert delay(0, chance) <= FIRST
