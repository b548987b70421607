"""The service on PostgreSQL: a call is charged there, and with the store locked it goes by the copy."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from sqlalchemy import text

from lab.ends import Ends
from lab.until import until
from tests.fixtures.lab import folder
from tests.fixtures.service import Service, begin
from tests.lab.test_survival import copied

pytestmark = [pytest.mark.lab, pytest.mark.postgres]


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str) -> Iterator[Service]:
    from tests.fixtures.postgres import database_in

    with database_in(postgres_url) as url, folder(94) as place:
        running = begin(place, {"store": {"url": url}, "serve": {"reconcile": 1.0}, "metrics": {"port": 0}})
        yield running
        running.engine.dispose()
        # The database is dropped after the lab is down.
        from lab import lab

        lab.down(place)


@pytest.fixture
async def far(on_postgres: Service) -> AsyncIterator[Ends]:
    async with Ends(on_postgres.place) as both:
        yield both


async def test_a_call_is_decided_and_charged(on_postgres: Service, far: Ends) -> None:
    line = on_postgres.line("09071000150")
    placed = await on_postgres.call(far, "09081000100", line)
    assert [leg.number for leg in placed.legs] == ["09071000150"]
    (booked,) = await on_postgres.booked(line)
    assert booked.charge is not None
    assert (booked.charge.amount, booked.call.source) == (Decimal("35.2"), "hook")


async def test_with_the_store_locked_a_call_goes_by_the_copy_and_is_charged_later(
    on_postgres: Service, far: Ends
) -> None:
    line = on_postgres.line("09071000250")
    await copied(on_postgres, line)
    with on_postgres.engine.connect() as conn, conn.begin():
        conn.execute(text("LOCK TABLE lines, ended_calls IN ACCESS EXCLUSIVE MODE"))
        placed = await asyncio.wait_for(on_postgres.call(far, "09081000200", line, talk=1.0), 20)
        assert [leg.number for leg in placed.legs] == ["09071000250"]
        assert placed.caller.answered == pytest.approx(2.2, abs=1.5)  # the patience of the decision, then the copy
    await until(lambda: len(on_postgres.books(line)) == 1, 40, "the call in the books")
    (booked,) = on_postgres.books(line)
    assert booked.charge is not None
    assert booked.charge.amount == Decimal("35.2")
