"""What a device asks for and what it gets: one shape for TFTP and HTTP(S). Pure."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from provisioning.fetch import Via
from provisioning.mac import Mac


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`name` as the device sent it, printable, leading slashes and all. It is a name to match, never a path.
    `address` and `port` are the device's own, or those of what stands before it.

    agent      HTTP's User-Agent, or "".
    secret     what led the path over HTTP(S): it proves which device asks, or is wrong.
    certified  the MAC of the certificate that the device showed, as its maker's authority signed it.
    """

    name: str
    address: str
    port: int
    via: Via
    agent: str = ""
    secret: str | None = field(default=None, repr=False)
    certified: Mac | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """
    data  a memoryview is for what is too large to hold, such as a firmware image mapped from its file. Such a file is
          replaced by renaming, never changed in place: reading behind the end of a mapped file ends the process.
    kind  the media type, "text/xml"; TFTP has no use for it.
    """

    data: bytes | memoryview = field(repr=False)
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """`reason` is for our log. Whoever asked learns only that there is no such file."""

    reason: str


Answer = Callable[[Request], Awaitable[Served | NotFound]]
"""Called once for each request, many at once; what it raises is logged, and the device is told to ask again."""
