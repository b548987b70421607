"""What Prometheus scrapes: the counters that the parts keep anyway, read when asked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agi.ari.client import Ari
from agi.ari.lag import LagWatch
from agi.fastagi import FastAgiServer
from agi.postman import Postman
from agi.upkeep import Upkeep


class Counts(Collector):
    """`postman` is None where no mail is sent; `refusals` are the desk's, `callbacks` what `Callbacks` counts."""

    def __init__(
        self,
        ari: Ari,
        hook: FastAgiServer,
        lag: LagWatch,
        upkeep: Upkeep,
        postman: Postman | None,
        refusals: Counter[str],
        callbacks: Counter[str],
    ) -> None:
        self._refusals, self._callbacks = refusals, callbacks
        self._ari, self._hook, self._lag, self._upkeep, self._postman = ari, hook, lag, upkeep, postman

    def collect(self) -> Iterable[Metric]:
        ari = CounterMetricFamily("denwaban_ari", "What happened on the ARI connection.", labels=["what"])
        for what, count in sorted(self._ari.counts.items()):
            ari.add_metric([what], count)
        hook = CounterMetricFamily("denwaban_hook", "How hangup hook connections ended.", labels=["how"])
        for how, count in asdict(self._hook.counts).items():
            hook.add_metric([how], count)
        upkeep = CounterMetricFamily("denwaban_upkeep", "Survival copies, reloads, reconciliation.", labels=["what"])
        for what, count in sorted(self._upkeep.counts.items()):
            upkeep.add_metric([what], count)
        mail = CounterMetricFamily("denwaban_mail", "What became of mail to members.", labels=["what"])
        for what, count in sorted(self._postman.counts.items() if self._postman is not None else ()):
            mail.add_metric([what], count)
        refusals = CounterMetricFamily("denwaban_refusals", "Calls refused by decision.", labels=["reason"])
        for reason, count in sorted(self._refusals.items()):
            refusals.add_metric([reason], count)
        callbacks = CounterMetricFamily("denwaban_callbacks", "What became of callbacks.", labels=["what"])
        for what, count in sorted(self._callbacks.items()):
            callbacks.add_metric([what], count)
        connected = float(self._ari.connected)
        return [
            ari,
            hook,
            upkeep,
            mail,
            refusals,
            callbacks,
            GaugeMetricFamily("denwaban_ari_connected", "1 while calls can be decided.", value=connected),
            GaugeMetricFamily("denwaban_flows", "Calls being decided or in a menu.", value=self._ari.flows),
            GaugeMetricFamily("denwaban_loop_lag_seconds", "How late the event loop runs.", value=self._lag.lag),
        ]


def expose(host: str, port: int, collector: Collector) -> None:
    """Serves http://host:port/metrics from a thread of its own. Raises OSError when the port is taken."""
    registry = CollectorRegistry()
    registry.register(collector)
    start_http_server(port, host, registry)
