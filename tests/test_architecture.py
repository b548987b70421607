"""Who may import whom, held as a table. A row that matched no file fails: a table can go stale."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("agi", "console", "dialplan", "lab", "provisioning", "rating", "store", "subscribers", "voice")

MAY_IMPORT = {
    "dialplan": {"dialplan"},
    "voice": {"voice", "dialplan"},
    "store": {"store", "dialplan"},
    "subscribers": {"subscribers", "dialplan", "store"},
    "rating": {"rating", "dialplan", "store"},
    "provisioning": {"provisioning", "dialplan", "store"},
    "agi": {"agi", "dialplan", "store", "subscribers", "rating", "provisioning", "voice"},
    "lab": {"lab", "agi", "dialplan", "store", "subscribers", "rating", "provisioning", "voice"},
    "console": set(OURS),
}
MIGRATIONS = "store/migrations/"  # the one place below that must know every table there is

PURE = (
    "dialplan/numbers.py",
    "dialplan/special.py",
    "dialplan/areas.py",
    "dialplan/route.py",
    "dialplan/refusals.py",
    "dialplan/trunks.py",
    "dialplan/modules.py",
    "agi/caller.py",
    "agi/incoming.py",
    "agi/calling_back.py",
    "agi/ended.py",
    "agi/menu.py",
    "dialplan/codes.py",
    "agi/fastagi_wire.py",
    "agi/ari/messages.py",
    "subscribers/members.py",
    "subscribers/callbacks.py",
    "subscribers/contracts.py",
    "subscribers/lines.py",
    "subscribers/forwarding.py",
    "subscribers/states.py",
    "subscribers/targets.py",
    "subscribers/holdings.py",
    "subscribers/calendar.py",
    "subscribers/screening.py",
    "subscribers/remote.py",
    "subscribers/onnet.py",
    "subscribers/hash_dial.py",
    "subscribers/installations.py",
    "rating/money.py",
    "rating/book.py",
    "rating/charge.py",
    "rating/usage.py",
    "rating/ended.py",
    "rating/party.py",
    "rating/limits/afford.py",
    "rating/limits/decide.py",
    "rating/limits/limits.py",
    "rating/invoice/account.py",
    "rating/invoice/correct.py",
    "rating/invoice/document.py",
    "rating/invoice/export.py",
    "rating/invoice/interest.py",
    "rating/invoice/item.py",
    "rating/invoice/itemised.py",
    "rating/invoice/months.py",
    "rating/invoice/oneoff.py",
    "rating/invoice/outage.py",
    "rating/invoice/recurring.py",
    "rating/invoice/totals.py",
    "rating/invoice/usage.py",
    "rating/invoice/words.py",
    "rating/columnar/numbers.py",
    "rating/columnar/prices.py",
    "provisioning/registrations.py",
    "provisioning/snmp/pulse.py",
    "provisioning/snmp/health.py",
    "provisioning/snmp/readings.py",
    "provisioning/snmp/schedule.py",
    "provisioning/snmp/target.py",
    "provisioning/fetch.py",
    "provisioning/inventory.py",
    "provisioning/makers/all.py",
    "provisioning/makers/patton.py",
    "provisioning/makers/grandstream_values.py",
    "provisioning/makers/grandstream.py",
    "provisioning/makers/cisco.py",
    "provisioning/makers/audiocodes.py",
    "provisioning/dhcp.py",
    "provisioning/makers/adapters.py",
    "provisioning/makers/dialling.py",
    "provisioning/makers/filling.py",
    "provisioning/makers/panasonic.py",
    "provisioning/makers/polycom.py",
    "provisioning/makers/snom.py",
    "provisioning/makers/yealink.py",
    "provisioning/serving.py",
    "provisioning/site.py",
    "provisioning/naming.py",
    "provisioning/http/path.py",
    "provisioning/tftp/netascii.py",
    "provisioning/tftp/packets.py",
    "provisioning/tftp/terms.py",
    "provisioning/tftp/transfer.py",
    "voice/prompts.py",
    "voice/spoken.py",
    "voice/rows/*.py",
    "lab/behaviour.py",
    "lab/rtp.py",
    "lab/sip.py",
)
IMPURE = {"asyncio", "socket", "sqlalchemy", "os", "time", "threading", "subprocess", "aiohttp", "requests"}
CLOCK = {"now", "utcnow", "today", "monotonic"}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"no file in {package}/"
    wrong = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        if not str(file.relative_to(ROOT)).startswith(MIGRATIONS)
        for name in imported(file)
        if name.split(".")[0] in OURS and name.split(".")[0] not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("pattern", PURE)
def test_a_pure_module_touches_neither_the_world_nor_the_clock(pattern: str) -> None:
    files = sorted(ROOT.glob(pattern))
    assert files, f"no file matches {pattern}"
    for file in files:
        assert {name.split(".")[0] for name in imported(file)} & IMPURE == set(), file
        called = {
            node.func.attr
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert called & CLOCK == set(), file


def test_every_package_is_in_the_table_and_in_the_wheel() -> None:
    found = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert found <= set(OURS)
    wheel = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("packages = [")[1].split("]")[0]
    assert all(f'"{name}"' in wheel for name in found | {"templates"})


def test_no_template_folder_holds_python() -> None:
    assert list((ROOT / "templates").rglob("*.py")) == []
