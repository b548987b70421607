"""Asterisk's own records are read line by line, once, and a bad line costs only itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agi.reconcile import SETTLING, Reconciler, settled
from agi.records import Position, one_per_call, parse, read
from tests.agi.test_ended import ROW

LINE = ",".join(f'"{field}"' for field in ROW) + "\n"


def line(call: str, disposition: str = "ANSWERED", end: str = ROW[8]) -> str:
    fields = [call, *ROW[1:6], disposition, ROW[7] if disposition == "ANSWERED" else "0.000000", end, ROW[9]]
    return ",".join(f'"{field}"' for field in fields) + "\n"


def test_a_bad_line_is_a_problem_with_its_file_and_byte_and_the_rest_is_read(tmp_path: Path) -> None:
    file = tmp_path / "denwaban.csv"
    file.write_text(LINE + "half a li\n" + LINE)
    reading = read(file)
    assert len(reading.records) == 2
    (problem,) = reading.problems
    assert problem.startswith(f"{file}: byte {len(LINE)}: call record: found '1 columns', expected")


def test_reading_goes_on_where_it_stopped_and_leaves_a_line_that_is_being_written(tmp_path: Path) -> None:
    file = tmp_path / "denwaban.csv"
    file.write_text(LINE + LINE[:20])
    first = read(file)
    assert len(first.records) == 1
    with file.open("a") as stream:
        stream.write(LINE[20:] + LINE)
    second = read(file, first.position)
    assert len(second.records) == 2
    assert read(file, second.position).records == ()


def test_a_rotated_file_is_begun_anew_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "denwaban.csv"
    file.write_text(LINE * 3)
    position = read(file).position
    file.rename(tmp_path / "denwaban.csv.1")
    assert read(file, position).position == Position()
    file.write_text(LINE)
    assert len(read(file, position).records) == 1


def test_of_a_calls_legs_the_answered_one_is_the_call() -> None:
    records, _ = parse((line("sw1-1795209624.1", "NO ANSWER") + line("sw1-1795209624.1")).encode(), "f")
    assert one_per_call(records)["sw1-1795209624.1"].answered is not None
    assert one_per_call(records[::-1])["sw1-1795209624.1"].answered is not None


def test_a_call_whose_last_leg_is_young_waits_for_the_next_reading(tmp_path: Path) -> None:
    file = tmp_path / "denwaban.csv"
    now = datetime.fromtimestamp(float(ROW[8]), UTC) + SETTLING + timedelta(seconds=1)
    young = f"{now.timestamp():.6f}"
    file.write_text(
        line("sw1-1795209624.1", "NO ANSWER") + line("sw1-1795209624.2") + line("sw1-1795209624.1", end=young)
    )
    reconciler = Reconciler(file)
    calls, problems = reconciler.next(now)
    assert ([call.call_id for call in calls], problems) == (["sw1-1795209624.2"], ())
    calls, _ = reconciler.next(now + SETTLING)
    assert [(call.call_id, call.answered is not None) for call in calls] == [("sw1-1795209624.1", True)]
    assert reconciler.next(now + SETTLING * 2) == ([], ())


@given(st.binary(max_size=300))
def test_any_bytes_are_records_or_problems(data: bytes) -> None:
    records, problems = parse(data, "f")
    assert settled(records, datetime.now(UTC)) is not None
    assert all(problem.startswith("f: byte ") for problem in problems)
