"""Everything that can go wrong between us and Asterisk's REST interface, as one tree."""


class AriError(Exception):
    """The root: catching it catches whatever this package raises on purpose.

    AriError
    ├── Garbage      a frame or an answer that is not what ARI sends
    ├── TooLarge     a request Asterisk would cut the whole connection for
    ├── Refused      4xx: Asterisk understood and said no; asking again changes nothing
    ├── Unavailable  5xx, a drop, a time-out: whether it was done is not known
    ├── Replaced     another program connected under our application's name
    └── Closed       a call's inbox has nothing more to give
        ├── Overflow   because its flow did not read it
        └── Gone       because the channel left the application
    """


class Garbage(AriError):
    """A frame or an answer's body that is not what ARI sends."""


class TooLarge(AriError):
    """A request frame above the limit; nothing of it was sent."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(f"request frame of {what}: found {found} bytes, expected at most {limit}")


class Refused(AriError):
    """A 4xx answer."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(f"{what}: Asterisk answered {status} {reason}, expected 2xx")


class Unavailable(AriError):
    """No answer, or a 5xx one (then `status` is set). The request may or may not have been carried out."""

    def __init__(self, what: str, why: str, status: int | None = None) -> None:
        self.status, self.why = status, why
        super().__init__(f"{what}: {why}, expected an answer of 2xx")


class Replaced(AriError):
    """Asterisk now sends our application's events to another connection."""


class Closed(AriError):
    """A call's inbox is closed and empty."""


class Overflow(Closed):
    """A call's events came faster than its flow read them; some are lost, so the flow cannot go on."""


class Gone(Closed):
    """The channel is no longer in the application."""
