"""What Prometheus reads is what the parts counted."""

import urllib.request
from collections import Counter

from prometheus_client import CollectorRegistry, generate_latest

from agi.ari.client import Ari
from agi.ari.lag import LagWatch
from agi.fastagi import AgiRequest, FastAgiServer
from agi.upkeep import Upkeep
from console.metrics import Counts, expose


async def nothing(request: AgiRequest) -> None:
    return None


def parts() -> tuple[Ari, FastAgiServer, Upkeep]:
    ari = Ari(host="127.0.0.1", port=1, username="u", password="p", app="a")
    upkeep = Upkeep.__new__(Upkeep)  # of all its parts only the counter is read
    upkeep.counts = ari.counts.__class__(copies=3)
    return ari, FastAgiServer(nothing), upkeep


async def test_counters_and_gauges_come_out_under_their_names() -> None:
    ari, hook, upkeep = parts()
    ari.counts["arrivals"] += 2
    hook.counts.handled = 5
    registry = CollectorRegistry()
    async with LagWatch() as lag:
        registry.register(Counts(ari, hook, lag, upkeep, None, Counter({"limit-reached": 7}), Counter(failed=1)))
        text = generate_latest(registry).decode()
    for line in (
        'denwaban_ari_total{what="arrivals"} 2.0',
        'denwaban_hook_total{how="handled"} 5.0',
        'denwaban_upkeep_total{what="copies"} 3.0',
        'denwaban_refusals_total{reason="limit-reached"} 7.0',
        'denwaban_callbacks_total{what="failed"} 1.0',
        "denwaban_ari_connected 0.0",
        "denwaban_flows 0.0",
    ):
        assert line in text, line
    assert "denwaban_loop_lag_seconds " in text


async def test_they_are_served_over_http(unused_tcp_port: int) -> None:
    ari, hook, upkeep = parts()
    async with LagWatch() as lag:
        expose("127.0.0.1", unused_tcp_port, Counts(ari, hook, lag, upkeep, None, Counter(), Counter()))
    with urllib.request.urlopen(f"http://127.0.0.1:{unused_tcp_port}/metrics") as answer:  # noqa: ASYNC210
        assert b"denwaban_ari_connected" in answer.read()
