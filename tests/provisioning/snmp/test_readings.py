"""What is asked, and how answers are read: right ones, missing ones, and strange ones."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.snmp.health import PortReading
from provisioning.snmp.readings import (
    IF_OPER,
    IF_TYPE,
    UPTIME,
    Answer,
    Asked,
    Kind,
    Value,
    questions,
    read,
    surveyed,
)

HT = "1.3.6.1.4.1.42397.1.2.2"
GXW = "1.3.6.1.4.1.42397.1.1.2"
ADAPTER = Asked(maker="grandstream", model="HT802", ports=(1, 2))
GATEWAY = Asked(maker="audiocodes", model="MP-118", ports=(1, 3))
UP = {UPTIME: Value(kind=Kind.TICKS, content=12_345)}


def text(content: str) -> Value:
    return Value(kind=Kind.STRING, content=content)


def number(content: int) -> Value:
    return Value(kind=Kind.INTEGER, content=content)


def test_every_device_is_asked_for_its_uptime() -> None:
    for maker in ("yealink", "panasonic", "patton", "grandstream", "nobody"):
        assert questions(Asked(maker=maker, model="X", ports=()))[0] == UPTIME


def test_an_ht8xx_is_asked_for_hook_and_registration_of_the_ports_with_lines() -> None:
    assert questions(ADAPTER) == (
        UPTIME,
        f"{HT}.1.1.0.0",
        f"{HT}.2.1.0.0",
        f"{HT}.1.2.0.0",
        f"{HT}.2.2.0.0",
    )


def test_a_gxw42xx_has_a_branch_of_its_own() -> None:
    asked = questions(Asked(maker="grandstream", model="GXW4216", ports=(16,)))
    assert asked == (UPTIME, f"{GXW}.1.16.0.0", f"{GXW}.2.16.0.0")


def test_a_grandstream_phone_has_no_port_objects() -> None:
    assert questions(Asked(maker="grandstream", model="GXP2130", ports=(1,))) == (UPTIME,)


def test_hook_and_registration_are_read() -> None:
    answer = UP | {
        f"{HT}.1.1.0.0": text("Off Hook"),
        f"{HT}.2.1.0.0": text("Registered"),
        f"{HT}.1.2.0.0": text("On Hook"),
        f"{HT}.2.2.0.0": text("Not Registered"),
    }
    reading, problems = read(ADAPTER, answer)
    assert problems == ()
    assert reading.ticks == 12_345
    assert reading.ports == {
        1: PortReading(alive=True, registered=True),
        2: PortReading(alive=True, registered=False),
    }


def test_what_the_device_does_not_have_is_no_problem_and_says_nothing() -> None:
    absent = Value(kind=Kind.ABSENT, content="")
    reading, problems = read(ADAPTER, UP | dict.fromkeys(questions(ADAPTER)[1:], absent))
    assert (reading.ports, problems) == ({}, ())


def test_a_value_of_the_wrong_type_is_named_with_what_was_expected_and_the_rest_is_read() -> None:
    answer = {UPTIME: text("yesterday"), f"{HT}.2.1.0.0": number(1), f"{HT}.2.2.0.0": text("Registered")}
    reading, problems = read(ADAPTER, answer)
    assert [str(one) for one in problems] == [
        f"{UPTIME}: found OCTET STRING 'yesterday', expected TimeTicks, hundredths of a second",
        f"{HT}.2.1.0.0: found INTEGER '1', expected OCTET STRING, one of Not Registered, Registered",
    ]
    assert reading.ticks is None
    assert reading.ports == {2: PortReading(registered=True)}


def test_a_word_that_no_document_has_is_a_problem() -> None:
    _, problems = read(ADAPTER, {f"{HT}.1.1.0.0": text("Burning")})
    assert [one.found for one in problems] == ["OCTET STRING 'Burning'"]


def test_a_gateway_of_interfaces_is_surveyed_once_and_then_asked_for_its_voice_ports() -> None:
    survey = questions(GATEWAY)
    assert survey[:3] == (UPTIME, f"{IF_TYPE}.1", f"{IF_TYPE}.2")
    types = {f"{IF_TYPE}.1": number(6), **{f"{IF_TYPE}.{index}": number(102) for index in (4, 5, 7)}}
    found = surveyed(GATEWAY, UP | types)
    assert found == {1: 4, 3: 7}
    known = Asked(maker=GATEWAY.maker, model=GATEWAY.model, ports=GATEWAY.ports, interfaces=found)
    assert questions(known) == (UPTIME, f"{IF_OPER}.4", f"{IF_OPER}.7")
    assert surveyed(known, UP) is None
    reading, problems = read(known, UP | {f"{IF_OPER}.4": number(5), f"{IF_OPER}.7": number(2)})
    assert (reading.ports, problems) == ({1: PortReading(alive=True), 3: PortReading(alive=False)}, ())


def test_an_interface_status_that_there_is_not_is_a_problem() -> None:
    known = Asked(maker="patton", model="SN4112", ports=(1,), interfaces={1: 3})
    reading, problems = read(known, {f"{IF_OPER}.3": number(99)})
    assert reading.ports == {}
    assert [str(one) for one in problems] == [f"{IF_OPER}.3: found 99, expected an ifOperStatus from 1 to 7"]


oids = st.sampled_from([*questions(ADAPTER), *questions(GATEWAY), f"{IF_OPER}.1"])
values = st.builds(Value, kind=st.sampled_from(Kind), content=st.one_of(st.integers(), st.text()))
answers = st.dictionaries(oids, values)


@given(
    answers, st.sampled_from([ADAPTER, GATEWAY, Asked(maker="cisco", model="SPA112", ports=(1,), interfaces={1: 1})])
)
def test_whatever_a_device_answers_is_read(answer: Answer, asked: Asked) -> None:
    survey = surveyed(asked, answer)
    assert survey is None or set(survey) <= set(asked.ports)
    reading, problems = read(asked, answer)
    assert set(reading.ports) <= set(asked.ports)
    assert {one.oid for one in problems} <= set(answer)
