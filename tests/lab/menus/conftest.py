"""A lab of its own for the dialled menus, with every prompt spoken."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab.ends import Ends
from tests.fixtures.lab import folder
from tests.fixtures.service import Service, begin
from voice.build import build


@pytest.fixture(scope="session")
def prompts(request: pytest.FixtureRequest) -> Path:
    """Every prompt in both languages; kept from one run to the next, and built anew only where the text changed."""
    folder = Path(request.config.cache.mkdir("prompts"))
    build(folder)
    return folder


@pytest.fixture(scope="session")
def menus(prompts: Path) -> Iterator[Service]:
    with folder(98) as place:
        running = begin(replace(place, sounds=prompts))
        yield running
        running.engine.dispose()


@pytest.fixture
async def menu_ends(menus: Service) -> AsyncIterator[Ends]:
    """The carrier and the phones of that lab."""
    async with Ends(menus.place) as both:
        yield both
