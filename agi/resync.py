"""Has devices fetch their files again: a NOTIFY to each that is registered, not all of them at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agi.ami_wire import ManagerError
from agi.manager import Manager
from dialplan.errors import BadValue
from provisioning.registrations import THERE

PACE = 10.0
"""Devices a second."""


class Told(StrEnum):
    SENT = "sent"
    NOT_REGISTERED = "not registered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`name` is for people. One of `sip_users` that is registered is enough: they are all the same device.
    `event` is the maker's Event header.
    """

    name: str
    sip_users: tuple[str, ...]
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`sip_user` is whom the NOTIFY went to; `why` is there where it failed."""

    target: Target
    told: Told
    sip_user: str = ""
    why: str = ""


async def resync(
    manager: Manager,
    targets: Sequence[Target],
    *,
    pace: float = PACE,
    told: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """In their order; `told` hears of each at once. That a NOTIFY was sent says not that it arrived: what the device
    fetches then tells. Raises ManagerError when it cannot be known who is registered.
    """
    there = {user for user, status in (await manager.contacts()).items() if status in THERE}
    clock = asyncio.get_running_loop().time
    due, results = clock(), list[Result]()
    for target in targets:
        user = next((one for one in target.sip_users if one in there), None)
        if user is None:
            result = Result(target=target, told=Told.NOT_REGISTERED)
        else:
            await asyncio.sleep(due - clock())
            due = max(due, clock()) + 1 / pace
            result = await _one(manager, target, user)
        results.append(result)
        told(result)
    return results


async def _one(manager: Manager, target: Target, user: str) -> Result:
    try:
        await manager.notify(user, target.event)
    except (ManagerError, BadValue) as why:
        return Result(target=target, told=Told.FAILED, sip_user=user, why=str(why))
    return Result(target=target, told=Told.SENT, sip_user=user)
