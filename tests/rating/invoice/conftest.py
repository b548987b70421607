"""A member with lines, on the packaged price books, and the means to issue an invoice to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.ended import EndedCall, Source
from rating.invoice.account import Account, BilledLine
from rating.invoice.document import Issuer
from rating.invoice.issue import Outcome, Paper, issue_month
from rating.ledger import record
from rating.load import open_books
from rating.usage import Plan, Service
from store.engine import writing

MAY = date(2026, 5, 1)
ISSUER = Issuer(name="例示ビジネスサポート株式会社", registration="T1234567890123", bank="例示銀行 西新橋支店")
LINE = BilledLine(
    id=7,
    number="+81355550199",
    plan="fixed-phone",
    book="leased-number",
    starts_at=datetime(2026, 5, 1, tzinfo=TOKYO),
)
ACCOUNT = Account(member_id=3, name="株式会社例", months_ahead=2, lines=(LINE,))
OLD_LINE = replace(LINE, starts_at=datetime(2025, 4, 1, tzinfo=TOKYO))
OLD_ACCOUNT = replace(ACCOUNT, lines=(OLD_LINE,))
CALL = EndedCall(
    call_id="c1",
    line_id=7,
    leased_number="+81355550199",
    plan=Plan.FIXED_PHONE,
    service=Service.FORWARD,
    from_number="+819055550100",
    to_number="+819055550123",
    started_at=datetime(2026, 5, 11, 1, 0, tzinfo=UTC),
    answered_at=datetime(2026, 5, 11, 1, 0, 5, tzinfo=UTC),
    answered=Decimal(60),
    ended_at=datetime(2026, 5, 11, 1, 1, 5, tzinfo=UTC),
    outcome="ANSWER",
    cause=16,
    source=Source.HOOK,
)


def call_at(call_id: str, answered_at: datetime, seconds: str | int = 60, **other: object) -> EndedCall:
    """A forwarded call to a mobile, 29.7 yen a minute, as the hook tells it."""
    length = Decimal(seconds)
    return replace(
        CALL,
        call_id=call_id,
        started_at=answered_at - timedelta(seconds=5),
        answered_at=answered_at,
        answered=length,
        ended_at=answered_at + timedelta(seconds=float(length)),
        **other,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="session")
def books() -> Books:
    return open_books()


@pytest.fixture
def paper(books: Books) -> Paper:
    return Paper(issuer=ISSUER, books=books, today=date(2026, 6, 1))


Run = Callable[..., Outcome]


@pytest.fixture
def run(engine: Engine, paper: Paper) -> Run:
    """Issues a month to an account in a transaction of its own."""

    def issue(
        account: Account = ACCOUNT, month: date = MAY, today: date | None = None, *, leave_unrated: bool = False
    ) -> Outcome:
        common = paper if today is None else replace(paper, today=today)
        with writing(engine) as conn:
            return issue_month(conn, account, month, common, leave_unrated=leave_unrated)

    return issue


@pytest.fixture
def keep(engine: Engine, books: Books) -> Callable[..., None]:
    """Puts calls into the ledger."""

    def put(*calls: EndedCall, book: str = "leased-number", priced: bool = True) -> None:
        with writing(engine) as conn:
            for call in calls:
                record(conn, call, books if priced else Books([]), book)

    return put
