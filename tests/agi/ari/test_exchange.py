import pytest

from agi.ari.errors import Refused, Unavailable
from agi.ari.exchange import Exchange, Outcome, Response, judge
from agi.ari.messages import RESTResponse


def ok(request_id: str) -> RESTResponse:
    return RESTResponse(request_id=request_id, status_code=200, reason_phrase="OK", message_body="{}")


def test_answers_out_of_order_reach_their_own_request() -> None:
    exchange, first, second = Exchange(), list[Outcome](), list[Outcome]()
    a, b = exchange.next_id(), exchange.next_id()
    exchange.begin(a, "GET a", first.append, 10.0)
    exchange.begin(b, "GET b", second.append, 10.0)
    assert exchange.answer(RESTResponse(request_id=b, status_code=204))
    assert (first, second) == ([], [Response(status=204)])
    assert exchange.answer(ok(a))
    assert first == [Response(status=200, body="{}")]
    assert len(exchange) == 0


def test_an_answer_nobody_waits_for_is_reported() -> None:
    exchange, got = Exchange(), list[Outcome]()
    exchange.begin("1", "GET a", got.append, 10.0)
    assert exchange.answer(ok("1"))
    assert not exchange.answer(ok("1"))
    assert not exchange.answer(ok(""))
    assert len(got) == 1


def test_only_what_is_due_times_out() -> None:
    exchange, early, late = Exchange(), list[Outcome](), list[Outcome]()
    exchange.begin("1", "GET a", early.append, 10.0)
    exchange.begin("2", "GET b", late.append, 10.5)
    assert exchange.next_deadline() == 10.0
    assert exchange.expire(9.9) == 0
    assert exchange.expire(10.0) == 1
    assert isinstance(early[0], Unavailable)
    assert str(early[0]).startswith("GET a: no answer in time")
    assert (late, exchange.next_deadline()) == ([], 10.5)
    assert not exchange.answer(ok("1"))


def test_a_drop_settles_everything_once() -> None:
    exchange, got = Exchange(), list[Outcome]()
    for serial in range(3):
        exchange.begin(exchange.next_id(), f"GET {serial}", got.append, 10.0)
    assert exchange.fail("cut") == 3
    assert exchange.fail("cut") == 0
    assert exchange.expire(99.0) == 0
    assert [str(outcome) for outcome in got] == [f"GET {n}: cut, expected an answer of 2xx" for n in range(3)]
    assert exchange.next_deadline() is None


def test_a_request_begun_while_others_fail_is_not_failed_with_them() -> None:
    exchange, got = Exchange(), list[Outcome]()

    def ask_again(_: Outcome) -> None:
        exchange.begin("2", "GET b", got.append, 10.0)

    exchange.begin("1", "GET a", ask_again, 10.0)
    assert exchange.fail("cut") == 1
    assert (len(exchange), got) == (1, [])


def test_too_many_waiting_requests_are_refused() -> None:
    exchange = Exchange(limit=2)
    exchange.begin("1", "GET a", lambda _: None, 1.0)
    exchange.reserve(1)
    with pytest.raises(Unavailable, match="1 of at most 2 already waiting"):
        exchange.reserve(2)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Response), (204, Response), (400, Refused), (409, Refused), (500, Unavailable)]
)
def test_the_status_decides_the_kind_of_outcome(status: int, kind: type) -> None:
    outcome = judge("GET a", status, "Because", "")
    assert isinstance(outcome, kind)
    assert isinstance(outcome, Response | Refused | Unavailable)
    assert outcome.status == status
