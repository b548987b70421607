"""What is kept of devices that ask for their files: fetches, enrolment windows, and sightings of strangers. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioning.mac import Mac


class Via(StrEnum):
    TFTP = "tftp"
    HTTP = "http"
    HTTPS = "https"


class FetchStatus(StrEnum):
    """
    refused  a device of ours, from an address that is not its own and outside of any window.
    unknown  no device of ours, or no file of its maker's.
    failed   meant to be served and was not: the file could not be made, or its transfer broke off.
    """

    SERVED = "served"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One file asked for.

    device_id  None: no device of ours was recognised.
    mac        when the name holds one; also that of a stranger.
    name       as it was asked for, whatever it is; the store keeps the first 255 characters.
    reason     a few words where it was not served.
    bytes      of the file; 0 where none was served.
    digest     SHA-256 of what was served, in hexadecimal.
    agent      HTTP's User-Agent, or ""; the store keeps the first 200 characters, as of `reason`.
    """

    device_id: int | None
    mac: Mac | None
    name: str
    address: str
    via: Via
    at: datetime
    status: FetchStatus
    reason: str = ""
    bytes: int = 0
    digest: str | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A window in which a device's files are served to any address. `device_id` None: every device's."""

    device_id: int | None
    opened_at: datetime
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A device that is not ours (yet) and asked for a file. `maker` and `model` are guesses; None: nothing tells."""

    mac: Mac
    maker: str | None
    model: str | None
    name: str
    address: str
    first_at: datetime
    last_at: datetime
    count: int
