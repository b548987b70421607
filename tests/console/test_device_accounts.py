"""What a device's ports register with, from subscribers' lines."""

from sqlalchemy import Connection, Engine

from console.device_accounts import accounts
from provisioning.device import Port
from provisioning.setup import Account
from store.engine import writing
from store.secrets import new_key, seal
from subscribers.lines import Language
from subscribers.records.options import change_options
from subscribers.records.phones import lend_handset, take_back_handset
from tests.fixtures.stored import stored_line

KEY = new_key()


def lend(conn: Connection, number: str, key: str = KEY) -> int:
    line = stored_line(conn, number, handset="h" + number[-4:])
    take_back_handset(conn, line.id)
    lend_handset(conn, line.id, sip_user=f"h{line.id}", sealed_password=seal("made-up", key))
    return line.id


def test_a_port_is_told_its_lines_account_its_number_and_its_language(engine: Engine) -> None:
    with writing(engine) as conn:
        first, second = lend(conn, "03-6304-0001"), lend(conn, "03-6304-0002")
        change_options(conn, second, language=Language.ENGLISH)
        found = accounts(KEY)(conn, {7: [Port(number=1, line_id=second), Port(number=4, line_id=first)], 8: []})
    assert isinstance(found[7], tuple)
    one, four = found[7]
    assert one == Account(
        port=1,
        sip_user=f"h{second}",
        password="made-up",
        number="0363040002",
        shown="03-6304-0002",
        label="",
        language="en",
    )
    assert (four.port, four.sip_user, four.language) == (4, f"h{first}", "ja")
    assert found[8] == ()


def test_what_is_wrong_with_one_devices_lines_is_said_of_it_alone(engine: Engine) -> None:
    with writing(engine) as conn:
        fine, none, other = (
            lend(conn, "03-6304-0001"),
            lend(conn, "03-6304-0002"),
            lend(conn, "03-6304-0003", new_key()),
        )
        take_back_handset(conn, none)
        ports = {n: [Port(number=1, line_id=line)] for n, line in ((1, fine), (2, none), (3, other), (4, 999))}
        found = accounts(KEY)(conn, ports)
    assert not isinstance(found[1], str)
    assert found[2] == (
        f"line on port 1: found '{none}, without a handset', expected a line with a handset (plan fixed-phone)"
    )
    assert "another key" in str(found[3])
    assert "999, without a handset" in str(found[4])
