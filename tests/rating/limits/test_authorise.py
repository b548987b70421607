from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from dialplan.errors import BadValue
from rating.book import flat
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.limits.afford import SLACK
from rating.limits.decide import LATE, LONGEST, RING
from rating.limits.limits import Denied, Grant, Reason
from rating.limits.overrides import set_limits
from rating.limits.standing import standing
from rating.limits.tables import Name, authorisations
from rating.load import open_books
from rating.usage import Service
from store.engine import writing
from tests.fixtures.limits import ABROAD, FIXED, LIMITS, MOBILE, NOON, ask, asking, end
from tests.fixtures.rows import book_of, row_of

MINUTE = Decimal("51.7")


@pytest.fixture(scope="module")
def books() -> Books:
    return open_books()


def minutes(count: int) -> int:
    """Milliseconds of so many whole minutes, cut in time."""
    return int((count * 60 - SLACK) * 1000)


def test_a_call_may_last_as_long_as_what_is_left_pays_for(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        # 19 x 51.7 = 982.3; a twentieth minute would be 1,034.
        assert ask(conn, asking(), books) == Grant(milliseconds=minutes(19), held=19 * MINUTE)


def test_what_was_spent_is_gone_and_the_rest_is_the_next_calls(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking("c1"), books)
        end(conn, asking("c1"), books, Decimal(601))  # 11 minutes
        assert ask(conn, asking("c2", at=NOON + timedelta(minutes=11)), books) == Grant(
            milliseconds=minutes(8), held=8 * MINUTE
        )


def test_a_second_call_while_the_first_holds_everything_is_refused(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking("c1"), books)
        denied = ask(conn, asking("c2", to=FIXED), books)
        assert denied == Denied(reason=Reason.DAILY_CAP, found="1015.3", expected="1000")
        end(conn, asking("c1"), books, None)
        assert isinstance(ask(conn, asking("c2", to=FIXED), books), Grant)


def test_two_channels_share_and_the_second_gets_all_that_the_first_left(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        first = ask(conn, asking("c1", channels=2), books)
        assert first == Grant(milliseconds=minutes(9), held=9 * MINUTE)  # half of 1,000: 9 x 51.7 = 465.3
        second = ask(conn, asking("c2", channels=2), books)
        assert second == Grant(milliseconds=minutes(10), held=10 * MINUTE)


def test_a_share_below_one_unit_is_rounded_up_to_it_while_there_is_one(engine: Engine, books: Books) -> None:
    hundred = replace(LIMITS, daily=Decimal(100))
    with writing(engine) as conn:
        assert ask(conn, asking("c1", channels=2), books, hundred) == Grant(milliseconds=minutes(1), held=MINUTE)
        denied = ask(conn, asking("c2", channels=2), books, hundred)
        assert denied == Denied(reason=Reason.DAILY_CAP, found="103.4", expected="100")


def test_the_same_call_asking_again_is_told_the_same_and_holds_once(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        first = ask(conn, asking(channels=2), books)
        later = asking(channels=2, at=NOON + timedelta(seconds=5))
        assert ask(conn, later, books) == first
        assert standing(conn, 7, LIMITS, NOON).running.held == 9 * MINUTE


def test_a_call_that_is_over_is_not_authorised_again(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking("c1"), books)
        end(conn, asking("c1"), books, Decimal(1))
        end(conn, asking("c2"), books, None)  # its caller was gone before anybody asked
        for call in ("c1", "c2"):
            denied = ask(conn, asking(call), books)
            assert denied == Denied(reason=Reason.ENDED, found=call, expected="a call that is not over")
        assert standing(conn, 7, LIMITS, NOON).running.held == 0


def test_a_calls_identity_belongs_to_its_line(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking(line=7), books)
        with pytest.raises(BadValue, match="line of call c1: found 8, expected 7, as authorised"):
            ask(conn, asking(line=8), books)


@pytest.mark.parametrize("service", list(Service))
def test_any_end_releases_what_was_held(engine: Engine, books: Books, service: Service) -> None:
    """A call meant to be forwarded may be taken by the handset, and is then an incoming one."""
    with writing(engine) as conn:
        ask(conn, asking(), books)
        end(conn, asking(service=service), books, None)
        assert standing(conn, 7, LIMITS, NOON).running.calls == 0


def test_a_repeated_record_releases_nothing_twice(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking(), books)
        for minutes_later in (1, 2):
            end(conn, asking(), books, Decimal(3), at=NOON + timedelta(minutes=minutes_later))
        released = conn.scalars(select(authorisations.c.released_at)).all()
    assert released == [NOON + timedelta(minutes=1)]


def test_what_a_lost_call_holds_comes_back_when_it_must_long_be_over(engine: Engine, books: Books) -> None:
    over = NOON + RING + timedelta(milliseconds=minutes(19)) + LATE
    with writing(engine) as conn:
        ask(conn, asking("c1"), books)
        assert isinstance(ask(conn, asking("c2", at=over - timedelta(seconds=1)), books), Denied)
        assert isinstance(ask(conn, asking("c2", at=over), books), Grant)
        assert isinstance(ask(conn, asking("c1", at=over), books), Denied)


def test_free_calls_go_on_without_money_and_without_end(engine: Engine, books: Books) -> None:
    nothing = replace(LIMITS, daily=Decimal(0))
    free = asking("c1")
    free = replace(free, usage=replace(free.usage, to=replace(free.usage.to, kind="on_net")))
    with writing(engine) as conn:
        assert ask(conn, free, books, nothing) == Grant(milliseconds=None, held=Decimal(0))
        assert ask(conn, asking("c2"), books, nothing) == Denied(reason=Reason.DAILY_CAP, found="51.7", expected="0")


def test_emergency_calls_are_granted_whatever_the_limits_and_leave_no_trace(engine: Engine, books: Books) -> None:
    closed = replace(LIMITS, calls_per_minute=0, daily=Decimal(0), night_calls_per_minute=0)
    with writing(engine) as conn:
        assert ask(conn, asking(to="110"), books, closed) == Grant(milliseconds=None, held=Decimal(0))
        assert conn.scalar(select(func.count()).select_from(authorisations)) == 0


def test_a_line_without_caps_is_never_cut(engine: Engine, books: Books) -> None:
    open_ = replace(LIMITS, daily=None, monthly=None)
    with writing(engine) as conn:
        granted = ask(conn, asking(), books, open_)
        assert granted == Grant(milliseconds=None, held=180 * MINUTE)
        # Should the operator set a cap now, what it may come to is known.
        assert isinstance(ask(conn, asking("c2"), books), Denied)


def test_no_call_holds_more_than_three_hours_cost(engine: Engine, books: Books) -> None:
    rich = replace(LIMITS, daily=Decimal(1_000_000), monthly=None)
    with writing(engine) as conn:
        granted = ask(conn, asking(), books, rich)
    assert granted == Grant(milliseconds=int(LONGEST.total_seconds() * 1000) - 500, held=180 * MINUTE)


def test_the_month_caps_what_the_days_leave(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        for day in (1, 2, 10, 11):
            call = asking(f"c{day}", at=NOON.replace(day=day))
            end(conn, call, books, Decimal(19 * 60))  # 982.3 a day
        denied = ask(conn, asking("today"), books, replace(LIMITS, monthly=Decimal(3_980)))
        assert denied == Denied(reason=Reason.MONTHLY_CAP, found="3980.9", expected="3980")
        granted = ask(conn, asking("today"), books, replace(LIMITS, monthly=Decimal(3_981)))
        assert granted == Grant(milliseconds=minutes(1), held=MINUTE)
        june = NOON.replace(month=6, day=1)
        assert isinstance(ask(conn, asking("june", at=june), books, replace(LIMITS, monthly=Decimal(60))), Grant)


def test_the_month_is_counted_anew_each_day_and_finds_what_came_late(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        ask(conn, asking("c1"), books)
        end(conn, asking("c1"), books, Decimal(1))
        # Asterisk's own record of a call of a week ago, after a long trouble.
        end(conn, asking("late", at=NOON - timedelta(days=7)), books, Decimal(600))
        ask(conn, asking("c2", at=NOON + timedelta(days=1)), books)
        tomorrow = standing(conn, 7, LIMITS, NOON + timedelta(days=1))
        assert (tomorrow.spent.today, tomorrow.spent.month) == (Decimal(0), 11 * MINUTE)
        least = replace(LIMITS, monthly=11 * MINUTE + 20 * MINUTE)
        end(conn, asking("c2"), books, None)
        assert ask(conn, asking("c3", at=NOON + timedelta(days=1)), books, replace(least, daily=None)) == Grant(
            milliseconds=minutes(20), held=20 * MINUTE
        )


def test_a_call_over_midnight_counts_on_the_day_it_ends_and_holds_on_both(engine: Engine, books: Books) -> None:
    before = NOON.replace(hour=23, minute=50)
    with writing(engine) as conn:
        call = asking("c1", at=before)
        ask(conn, call, books)
        tomorrow = asking("c2", at=before + timedelta(minutes=15))
        assert isinstance(ask(conn, tomorrow, books), Denied)
        end(conn, call, books, Decimal(18 * 60))
        spent = standing(conn, 7, LIMITS, before + timedelta(minutes=20)).spent
        assert (spent.today, spent.month) == (18 * MINUTE, 18 * MINUTE)
        assert ask(conn, tomorrow, books) == Grant(milliseconds=minutes(1), held=MINUTE)


def test_a_call_into_a_new_month_counts_in_it(engine: Engine, books: Books) -> None:
    last = NOON.replace(month=5, day=31, hour=23, minute=55)
    with writing(engine) as conn:
        end(conn, asking("c1", at=last), books, Decimal(18 * 60))
        spent = standing(conn, 7, LIMITS, last + timedelta(hours=1)).spent
    assert (spent.today, spent.month) == (18 * MINUTE, 18 * MINUTE)


def test_calls_a_minute_counts_the_granted_ones_of_any_sixty_seconds(engine: Engine, books: Books) -> None:
    few = replace(LIMITS, calls_per_minute=2)
    with writing(engine) as conn:
        for second, call in enumerate(("c0", "c1")):
            request = asking(call, at=NOON + timedelta(seconds=second))
            assert isinstance(ask(conn, request, books, few), Grant)
            end(conn, request, books, None)
        for second in range(2, 60):
            denied = ask(conn, asking(f"c{second}", at=NOON + timedelta(seconds=second)), books, few)
            assert denied == Denied(reason=Reason.TOO_MANY_CALLS, found="2", expected="2")
        assert isinstance(ask(conn, asking("again", at=NOON + timedelta(seconds=60)), books, few), Grant)
        assert isinstance(ask(conn, asking("other", at=NOON, line=8), books, few), Grant)


NIGHT = NOON.replace(hour=23)


def test_at_night_fewer_calls_a_minute_and_none_abroad(engine: Engine, books: Books) -> None:
    strict = replace(LIMITS, night_calls_per_minute=0, night_international=False)
    with writing(engine) as conn:
        denied = ask(conn, asking(at=NIGHT), books, strict)
        assert denied == Denied(reason=Reason.TOO_MANY_CALLS, found="0", expected="0")
        abroad = ask(conn, asking(to=ABROAD, at=NIGHT), books, strict)
        assert isinstance(abroad, Denied)
        assert (abroad.reason, abroad.found) == (Reason.CLOSED_AT_NIGHT, "international")
        forwarded = ask(conn, asking(to=ABROAD, at=NIGHT, service=Service.FORWARD), books, strict)
        assert isinstance(forwarded, Denied)
        assert forwarded.reason is Reason.CLOSED_AT_NIGHT
        by_day = ask(conn, asking(to=ABROAD), books, strict)
        assert isinstance(by_day, Denied)
        assert by_day.reason is Reason.NO_PRICE


def test_the_cap_of_the_night_counts_the_night_alone(engine: Engine, books: Books) -> None:
    strict = replace(LIMITS, night_daily=Decimal(200))
    with writing(engine) as conn:
        end(conn, asking("noon"), books, Decimal(300))
        early = asking("early", at=NOON.replace(hour=5))
        end(conn, early, books, Decimal(60))
        # 148.3 are left of the night's 200, 689.8 of the day's 1,000.
        granted = ask(conn, asking("c1", at=NIGHT), books, strict)
        assert granted == Grant(milliseconds=minutes(2), held=2 * MINUTE)
        denied = ask(conn, asking("c2", at=NIGHT), books, strict)
        assert denied == Denied(reason=Reason.NIGHT_CAP, found="206.8", expected="200")
        end(conn, asking("c1", at=NIGHT), books, None)
        assert ask(conn, asking("by day"), books, strict) == Grant(milliseconds=minutes(13), held=13 * MINUTE)


def test_a_number_without_a_price_is_refused_and_nothing_is_kept(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        denied = ask(conn, asking(to="+815055550100"), books)
        assert isinstance(denied, Denied)
        assert (denied.reason, denied.expected) == (Reason.NO_PRICE, "a price")
        assert "no price for 815055550100: class ip" in denied.found
        assert isinstance(ask(conn, asking(), Books([])), Denied)
        assert conn.scalar(select(func.count()).select_from(authorisations)) == 0


def test_a_price_list_that_holds_from_midnight_is_reckoned_with(engine: Engine) -> None:
    cheap, dear = (row_of(flat(Decimal(price), Decimal(60)), far="mobile") for price in (10, 100))
    books = Books(
        [
            replace(book_of(cheap), id="leased-number"),
            replace(book_of(dear, effective=date(2026, 5, 13)), id="leased-number"),
        ]
    )
    nearly = NOON.replace(hour=23, minute=58)
    assert nearly.tzinfo is TOKYO
    with writing(engine) as conn:
        assert ask(conn, asking("c1"), books) == Grant(milliseconds=minutes(100), held=Decimal(1000))
        end(conn, asking("c1"), books, None)
        assert ask(conn, asking("c2", at=nearly), books) == Grant(milliseconds=minutes(10), held=Decimal(1000))


def test_a_lines_own_limits_win_over_the_settings(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        set_limits(conn, 7, {Name.DAILY: Decimal(60)})
        assert ask(conn, asking("c1"), books) == Grant(milliseconds=minutes(1), held=MINUTE)
        assert ask(conn, asking("c2", line=8), books) == Grant(milliseconds=minutes(19), held=19 * MINUTE)


def test_authorisations_of_more_than_a_day_ago_are_forgotten(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        for call, line, at in (("old", 7, NOON), ("of another line", 8, NOON), ("young", 7, NOON.replace(hour=20))):
            ask(conn, asking(call, line=line, at=at), books)
            end(conn, asking(call, line=line, at=at), books, None)
        ask(conn, asking("new", at=NOON + timedelta(days=1, seconds=1)), books)
        kept = set(conn.scalars(select(authorisations.c.call_id)))
    assert kept == {"young", "new", "of another line"}


def test_a_forwarded_leg_counts_and_is_cut_like_a_call_out(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        forwarded = ask(conn, asking("f", to=MOBILE, service=Service.FORWARD), books)
        assert forwarded == Grant(milliseconds=minutes(33), held=33 * Decimal("29.7"))
        assert isinstance(ask(conn, asking("c"), books), Denied)
