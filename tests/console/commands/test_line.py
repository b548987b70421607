from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from subscribers.calendar import JST, japanese_date, service_end, service_start
from tests.fixtures.homes import Home, Said


def rental(home: Home, capacity: int) -> int:
    return int(home.json("member", "add", "例", "--kind", "rental-office", "--capacity", capacity)["id"])


def test_a_line_on_fixed_phone_comes_with_a_handset(home: Home) -> None:
    member = rental(home, 1)
    line = home.json(
        "line", "add", "０３－１２３４－５６７９", "--member", member, "--plan", "fixed-phone", "--starts", "2027-01"
    )
    assert line["number"] == "+81312345679"
    assert line["handset"] == {"sip_user": "h3", "presents": None}
    assert line["state"] == "pending"
    assert line["member"] == member
    # 1 January 2027 is a holiday, 2 and 3 a weekend: 10:00 on Monday the 4th.
    assert line["starts_at"] == "2027-01-04T10:00:00+09:00"


def test_without_a_start_the_line_starts_next_month(home: Home) -> None:
    line = home.json("line", "add", "03-1234-5679", "--member", rental(home, 1), "--plan", "in-out")
    today = japanese_date(datetime.now(UTC))
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    assert datetime.fromisoformat(line["starts_at"]) == service_start(following)


def test_every_option_of_a_line_is_kept(home: Home) -> None:
    line = home.json(
        *("line", "add", "03-1234-5679", "--member", rental(home, 2), "--plan", "in-out"),
        *("--starts-at", "2026-03-02T09:30", "--additional", "0312345680", "--additional", "0312345681"),
        *("--double-channel", "--call-waiting", "--present-leased", "--international", "--language", "en"),
    )
    assert line["starts_at"] == "2026-03-02T09:30:00+09:00"
    assert line["additional"] == ["+81312345680", "+81312345681"]
    assert line["channels"] == 2
    assert (line["call_waiting"], line["present_leased"], line["international"]) == (True, True, True)
    assert line["language"] == "en"
    assert line["handset"] is None
    assert home.json("line", "show", "0312345681")["id"] == line["id"]


def test_a_second_line_may_share_a_contract(home: Home) -> None:
    member = rental(home, 2)
    first = home.json("line", "add", "03-1234-5679", "--member", member, "--plan", "in-out")
    second = home.json(
        "line", "add", "03-1234-5680", "--member", member, "--plan", "in-out", "--contract", first["contract"]
    )
    assert second["contract"] == first["contract"]


@pytest.mark.parametrize("name", ["1", "03-1234-5678", "0312345678", "+81 3-1234-5678"])
def test_a_line_is_named_by_its_number_or_its_id(home: Home, name: str) -> None:
    assert home.json("line", "show", name)["number"] == "+81312345678"


def test_the_password_is_shown_only_when_asked_for(home: Home) -> None:
    password = home.json("line", "show", 1, "--secrets")["handset"]["password"]
    assert len(password) == 32
    assert password in home.done("line", "show", 1, "--secrets").out
    for arguments in (("line", "show", 1), ("line", "list"), ("member", "show", 1)):
        assert password not in home.done(*arguments).out
        assert password not in home.done(*arguments, "--json").out
    rendered = (home.folder / "asterisk" / "pjsip_handsets.conf").read_text("utf-8")
    assert password not in rendered
    home.done("render")
    assert password in (home.folder / "asterisk" / "pjsip_handsets.conf").read_text("utf-8")


def test_lines_are_listed_by_member_and_state(home: Home) -> None:
    def ids(*filters: object) -> list[int]:
        return [line["id"] for line in home.json("line", "list", *filters)["lines"]]

    assert ids() == [1, 2]
    assert ids("--member", 2) == [2]
    assert ids("--state", "active") == [1, 2]
    home.done("line", "suspend", 1)
    assert ids("--state", "suspended") == [1]
    assert ids("--state", "active", "--member", 1) == []
    listed = home.done("line", "list").out
    assert "03-1234-5678" in listed
    assert "suspended" in listed


def test_a_line_is_suspended_and_resumed(home: Home) -> None:
    assert home.json("line", "suspend", "03-1234-5678")["state"] == "suspended"
    assert home.json("line", "resume", "03-1234-5678")["state"] == "active"


def test_a_line_given_up_ends_a_month_after_the_notice(home: Home) -> None:
    today = japanese_date(datetime.now(UTC))
    line = home.json("line", "end", 2, "--notice", today.isoformat())
    assert line["ends_at"] == service_end(today).astimezone(JST).isoformat()
    assert line["ends_at"].endswith("T15:00:00+09:00")
    assert line["state"] == "active"


def test_phones_are_registered_and_taken_off(home: Home) -> None:
    assert home.json("line", "phone", "add", 1, "090-1111-2222")["registered_phones"] == ["+819011112222"]
    said = home.done("line", "phone", "add", "03-1234-5678", "080-3333-4444")
    assert "Registered phones of line 1, 03-1234-5678: 080-3333-4444, 090-1111-2222." in said.out
    assert home.json("line", "phone", "remove", 1, "+81 90-1111-2222")["registered_phones"] == ["+818033334444"]


def test_people_see_numbers_with_hyphens_and_hear_that_serve_picks_changes_up(home: Home) -> None:
    said = home.done("line", "add", "0312345679", "--member", rental(home, 1), "--plan", "fixed-phone")
    assert "Line 3 added: 03-1234-5679 (fixed-phone)" in said.out
    assert "denwaban line show 3 --secrets" in said.out
    assert "pending: the identity of member 3 is not on record" in said.out
    assert "`denwaban serve` picks this up by itself" in said.out


def test_only_the_options_that_are_given_change(home: Home) -> None:
    before = home.json("line", "show", 1)
    assert (before["withhold"], before["failover"], before["faulty"]) == (False, None, False)
    changed = home.json(
        *(
            "line",
            "set",
            "03-1234-5678",
            "--withhold",
            "--callback",
            "--international",
            "--failover",
            "+1 212 555 1234",
        ),
        *("--failover", "+1 212 555 1234", "--language", "en", "--double-channel"),
    )
    assert changed == before | {
        "withhold": True,
        "callback": True,
        "international": True,
        "failover": "+12125551234",
        "language": "en",
        "channels": 2,
    }
    again = home.json("line", "set", 1, "--call-waiting", "--present-leased", "--no-withhold", "--no-double-channel")
    assert again == changed | {"call_waiting": True, "present_leased": True, "withhold": False, "channels": 1}
    closed = home.json(
        *("line", "set", 1, "--no-international", "--no-failover", "--no-call-waiting", "--no-present-leased"),
        *("--language", "ja", "--no-callback"),
    )
    assert closed == before
    said = home.done("line", "set", 1, "--failover", "090-1111-2222")
    assert "Line 1, 03-1234-5678: changed." in said.out
    shown = home.done("line", "show", 1).out
    assert "090-1111-2222" in shown
    assert "withholds its number" in shown


def test_a_line_is_not_closed_for_what_it_fails_over_to(home: Home) -> None:
    home.done("line", "set", 1, "--international", "--failover", "+1 212 555 1234")
    before = home.everything()
    said = home.run("line", "set", 1, "--no-international", "--withhold", "--double-channel")
    assert said.status == 2
    assert "fault-failover number: found '+12125551234'" in said.err
    assert home.everything() == before


ADD = ("add", "03-1234-5679", "--plan", "in-out", "--member")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("show", 99), "line: found 99, expected the id of a line"),
        (("show", "03-9999-9999"), "line: found '03-9999-9999', expected a leased number"),
        (("show", "110"), "line: found 110, expected the id of a line"),
        (("show", "#1234"), "leased number: found '#1234'"),
        (("show", "12345678901234567890123456789012345678901"), "leased number: found"),
        (("show", ""), "leased number: found ''"),
        ((*ADD, 99), "member: found 99"),
        ((*ADD, 1), "lines of the member: found 2, expected 1 at most, the room's capacity"),
        ((*ADD, 2), "lines of the member: found 2, expected 1 at most for a virtual-office member"),
        ((*ADD, 1, "--contract", 2), "contract: found '2, of member 2', expected a contract of member 1"),
        ((*ADD, 1, "--contract", 99), "contract: found 99"),
        (("add", "03-1234-5678", "--plan", "in-out", "--member", 2), "lines of the member"),
        (("add", "047-345-6780", "--plan", "fixed-phone", "--member", 1), "area code: found '047', expected one of"),
        (("add", "06-1234", "--plan", "in-out", "--member", 1), "leased number: found '06-1234'"),
        (("add", "119", "--plan", "in-out", "--member", 1), "leased number: found '119'"),
        ((*ADD, 1, "--starts", "2026-13"), "month of the start: found '2026-13', expected a month"),
        ((*ADD, 1, "--starts-at", "soon"), "start of the line: found 'soon'"),
        ((*ADD, 1, "--starts", "2026-12", "--starts-at", "2026-12-01"), "expected one of the two"),
        (("end", 1), "at least one line for as long as a rental-office member stays"),
        (("end", 2, "--notice", "2020-01-01"), "end of the line: found '2020-02-28T06:00:00+00:00'"),
        (("end", 2, "--notice", "9999-12-31"), "expected a year from 1900 to 2199"),
        ((*ADD, 1, "--starts-at", "0001-01-01"), "start of the line: found '0001-01-01', expected a year"),
        ((*ADD, 1, "--starts", "0001-01"), "month of the start: found '0001-01', expected a year"),
        (("end", 2, "--notice", "1 May"), "date of the notice: found '1 May'"),
        (("set", 1), "options of the line: found 'none', expected at least one"),
        (("set", 99, "--withhold"), "line: found 99"),
        (("set", 1, "--failover", "110"), "fault-failover number: found '110'"),
        (("set", 1, "--failover", "+12125551234", "--withhold"), "the line is not opened for it"),
        (("set", 1, "--failover", "03-1234-5678"), "a number of the line itself"),
        (("set", 1, "--failover", "0312345679", "--no-failover"), "expected one of the two"),
        (("suspend", 99), "line: found 99"),
        (("resume", 1), "found '1, not suspended', expected a suspended line"),
        (("phone", "add", 1, "03-1234-5678"), "another number than the line's own"),
        (("phone", "add", 1, "110"), "registered phone: found '110'"),
        (("phone", "remove", 1, "090-1111-2222"), "registered phone: found '090-1111-2222', expected one of none"),
    ],
)
def test_what_a_line_cannot_be(refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str) -> None:
    assert complaint in refused("line", *arguments).err


def test_a_number_that_is_leased_is_not_leased_again(home: Home) -> None:
    member = rental(home, 5)
    before = home.everything()
    said = home.run("line", "add", "03-1234-5678", "--member", member, "--plan", "fixed-phone")
    assert (said.status, said.out) == (2, "")
    assert "a number that is free: line 1 has it" in said.err
    assert home.everything() == before
