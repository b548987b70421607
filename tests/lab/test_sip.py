import pytest

from lab import sip

CHALLENGE = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'


def test_a_response_is_read_back_as_it_was_written() -> None:
    message = sip.parse(sip.write("SIP/2.0 200 OK", {"CSeq": "2 INVITE", "To": "<sip:142@127.0.0.1>"}, "v=0\r\n"))
    assert (message.status, message.method, message.body) == (200, "INVITE", "v=0\r\n")
    assert message.headers["to"] == "<sip:142@127.0.0.1>"
    assert message.headers["content-length"] == "5"


def test_a_request_has_a_method_and_no_status() -> None:
    message = sip.parse(b"BYE sip:h1@127.0.0.9 SIP/2.0\r\nCSeq: 3 BYE\r\n\r\n")
    assert (message.status, message.method) == (None, "BYE")


def test_the_first_of_several_headers_counts() -> None:
    message = sip.parse(b"BYE sip:h1@127.0.0.9 SIP/2.0\r\nVia: one\r\nVia: two\r\n\r\n")
    assert message.headers["via"] == "one"


def test_the_proof_of_a_password_is_that_of_the_rfc() -> None:
    """RFC 2069 2.4 with its erratum: without qop."""
    proof = sip.authorisation(CHALLENGE, "Mufasa", "CircleOfLife", "GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in proof


def test_with_qop_the_proof_counts_its_use() -> None:
    proof = sip.authorisation(CHALLENGE + ', qop="auth", opaque="5ccc"', "Mufasa", "x", "INVITE", "sip:142@h")
    assert "qop=auth, nc=00000001" in proof
    assert 'opaque="5ccc"' in proof


@pytest.mark.parametrize("events", [True, False])
def test_an_offer_says_where_sound_is_to_go_and_whether_keys_are_events(events: bool) -> None:
    offered = sip.offer("127.0.0.9", 4000, events=events)
    assert sip.media(offered) == ("127.0.0.9", 4000)
    assert ("telephone-event" in offered) is events


def test_a_body_without_audio_is_no_offer() -> None:
    with pytest.raises(ValueError, match="expected an address and a port"):
        sip.media("v=0\r\n")
