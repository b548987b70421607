"""SIPp as caller and callee: calls at a rate, what came of them, and how long each waited for ringing."""

import csv
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SDP = """v=0
      o=bench 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000"""

_HEAD = """Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
      From: <sip:[field1]@[local_ip]>;tag=[call_number]
      To: <sip:[field0]@[remote_ip]>{tag}
      Call-ID: [call_id]
      CSeq: {cseq}
      Contact: <sip:[field1]@[local_ip]:[local_port]>
      Max-Forwards: 70"""

_CALLER = f"""<?xml version="1.0"?>
<scenario name="caller">
  <send retrans="500" start_rtd="1"><![CDATA[
      INVITE sip:[field0]@[remote_ip]:[remote_port] SIP/2.0
      {_HEAD.format(tag="", cseq="1 INVITE")}
      Content-Type: application/sdp
      Content-Length: [len]

      {_SDP}
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" rtd="1"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
      ACK [next_url] SIP/2.0
      {_HEAD.format(tag="[peer_tag_param]", cseq="1 ACK")}
      Content-Length: 0

  ]]></send>
  <pause/>
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
      {_HEAD.format(tag="[peer_tag_param]", cseq="2 BYE")}
      Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"""

_CALLEE = """<?xml version="1.0"?>
<scenario name="callee">
  <recv request="INVITE"/>
  <send><![CDATA[
      SIP/2.0 180 Ringing
      [last_Via:]
      [last_From:]
      [last_To:];tag=[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port]>
      Content-Length: 0

  ]]></send>
  <pause milliseconds="100"/>
  <send retrans="500"><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port]>
      Content-Type: application/sdp
      Content-Length: [len]

      SDP
  ]]></send>
  <recv request="ACK"/>
  <recv request="BYE"/>
  <send><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>
</scenario>
""".replace("SDP", _SDP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """`delays` are seconds from INVITE to ringing, one for each call that rang, sorted."""

    placed: int
    failed: int
    delays: tuple[float, ...]

    def delay(self, share: float) -> float:
        return self.delays[min(len(self.delays) - 1, int(share * len(self.delays)))] if self.delays else float("inf")


@contextmanager
def callee(address: str, port: int) -> Iterator[None]:
    """Rings and answers at once, whatever is called, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="denwaban-callee-") as folder:
        scenario = Path(folder, "callee.xml")
        scenario.write_text(_CALLEE, encoding="ascii")
        command = ["sipp", "-sf", str(scenario), "-i", address, "-p", str(port), "-nostdin", "-mp", "40000"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def call(
    switch: tuple[str, int], local: tuple[str, int], numbers: Sequence[str], *, rate: int, calls: int, hold_ms: int
) -> Ran:
    """`calls` calls to `numbers` in turn, `rate` a second, each hung up `hold_ms` after its answer."""
    with tempfile.TemporaryDirectory(prefix="denwaban-caller-") as folder:
        here = Path(folder)
        (here / "caller.xml").write_text(_CALLER, encoding="ascii")
        rows = [f"{number};0907{i % 10000000:07}" for i, number in enumerate(numbers)]
        (here / "numbers.csv").write_text("SEQUENTIAL\n" + "\n".join(rows) + "\n", encoding="ascii")
        subprocess.run(
            [
                *("sipp", f"{switch[0]}:{switch[1]}", "-sf", "caller.xml", "-inf", "numbers.csv"),
                *("-i", local[0], "-p", str(local[1]), "-mp", "50000", "-r", str(rate), "-m", str(calls)),
                *("-d", str(hold_ms), "-nostdin", "-timeout", str(calls // rate + 60)),
                *("-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", "stat.csv", "-fd", "1"),
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        last = list(csv.DictReader((here / "stat.csv").open(encoding="ascii"), delimiter=";"))[-1]
        delays = sorted(
            float(row["response_time_ms"]) / 1000
            for file in here.glob("*_rtt.csv")
            for row in csv.DictReader(file.open(encoding="ascii"), delimiter=";")
        )
        done = int(last["SuccessfulCall(C)"])
        return Ran(placed=calls, failed=calls - done, delays=tuple(delays))
