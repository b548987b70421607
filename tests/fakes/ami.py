"""An Asterisk manager interface that can be told to misbehave. Its ordinary answers are those of Asterisk 22.10."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

Fields = dict[str, str]


class FakeAmi:
    """`astdb` is keyed by (family, key); `asked` lists the actions that came, logins and pings included."""

    def __init__(self) -> None:
        self.user, self.secret = "denwaban", "right"
        self.leaving = False  # answers a login as Asterisk does while it stops
        self.astdb: dict[tuple[str, str], str] = {}
        self.contacts: dict[str, str] = {}  # SIP user → status
        self.unknown: set[str] = set()  # SIP users that no endpoint has
        self.asked: list[Fields] = []
        self.logins: asyncio.Queue[bool] = asyncio.Queue()
        self.silent: set[str] = set()  # actions that get no answer
        self.deaf_ends: set[str] = set()  # actions that end the connection
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop()

    def drop(self) -> None:
        """End every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    def say(self, data: bytes) -> None:
        """Send these bytes, as one segment, to everyone who is logged in."""
        for writer in self._writers:
            writer.write(data)

    def event(self, **fields: str) -> None:
        self.say(_lines(list(fields.items())))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while block := await reader.readuntil(b"\r\n\r\n"):
                pairs = (line.partition(": ") for line in block.decode().split("\r\n") if line)
                fields = {name: value for name, _, value in pairs}
                self.asked.append(fields)
                action = fields["Action"]
                if action in self.deaf_ends:
                    break
                if action not in self.silent:
                    writer.write(self._answer(writer, fields))
                if action == "Login" and writer not in self._writers:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, asked: Fields) -> bytes:
        def reply(response: str, message: str, *more: tuple[str, str]) -> bytes:
            head = [("Response", response), ("ActionID", asked["ActionID"])]
            return _lines([*head, *more, ("Message", message)])

        def listed(name: str, found: list[tuple[tuple[str, str], ...]]) -> bytes:
            mine = ("ActionID", asked["ActionID"])
            events = b"".join(_lines([("Event", f"{name}Response"), *each, mine]) for each in found)
            end = _lines([("Event", f"{name}Complete"), mine, ("EventList", "Complete")])
            return reply("Success", "Result will follow", ("EventList", "start")) + events + end

        family, key = asked.get("Family", ""), asked.get("Key", "")
        match asked["Action"]:
            case "Login":
                if self.leaving:
                    self.logins.put_nowait(False)
                    return reply("Error", "Asterisk is shutting down")
                right = (asked["Username"], asked["Secret"]) == (self.user, self.secret)
                self.logins.put_nowait(right)
                if right:
                    self._writers.add(writer)
                    return reply("Success", "Authentication accepted")
                return reply("Error", "Authentication failed")
            case "Ping":
                return reply("Success", "", ("Ping", "Pong"))
            case "DBPut":
                self.astdb[family, key] = asked["Val"]
                return reply("Success", "Updated database successfully")
            case "DBGet" if (family, key) in self.astdb:
                val = self.astdb[family, key]
                return listed("DBGet", [(("Family", family), ("Key", key), ("Val", val))])
            case "DBGet":
                return reply("Error", "Database entry not found")
            case "DBGetTree":
                found = [(f"/{f}/{k}", v) for (f, k), v in self.astdb.items()]
                under = [each for each in found if each[0].startswith(f"/{family}/")]
                return listed("DBGetTree", [(("Key", path), ("Val", v)) for path, v in under])
            case "DBDel":
                if self.astdb.pop((family, key), None) is None:
                    return reply("Error", "Database entry could not be deleted")
                return reply("Success", "Key deleted successfully")
            case "DBDelTree":
                mine = [each for each in self.astdb if each[0] == family]
                for each in mine:
                    del self.astdb[each]
                return (
                    reply("Success", "Key tree deleted successfully")
                    if mine
                    else reply("Error", "Database entry not found")
                )
            case "PJSIPShowContacts" if not self.contacts:
                return reply("Error", "No Contacts found")
            case "PJSIPShowContacts":
                rows = [
                    [("Event", "ContactList"), ("ObjectName", f"{user};@0"), ("Status", status)]
                    for user, status in self.contacts.items()
                ]
                ours = ("ActionID", asked["ActionID"])
                events = b"".join(_lines([*row, ours]) for row in rows)
                end = _lines([("Event", "ContactListComplete"), ours, ("EventList", "Complete")])
                return reply("Success", "A listing of Contacts follows", ("EventList", "start")) + events + end
            case "PJSIPNotify" if asked["Endpoint"] in self.unknown:
                return reply("Error", "Unable to retrieve endpoint")
            case "PJSIPNotify":
                return reply("Success", "NOTIFY sent")
            case "Reload" if asked["Module"] != "nope.so":
                return reply("Success", "Module Reloaded")
            case "Reload":
                return reply("Error", "No such module")
            case "Command":
                told = asked["Command"] == "core show version"
                text = (
                    [("Output", "Asterisk 22.10.1"), ("Output", "通話: 2")]
                    if told
                    else [("Output", "No such command")]
                )
                head = [("Response", "Success" if told else "Error"), ("ActionID", asked["ActionID"])]
                return _lines([*head, ("Message", "Command output follows"), *text])
        return reply("Error", "Invalid/unknown command")


def _lines(pairs: list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode() + b"\r\n"


@contextlib.asynccontextmanager
async def fake_ami() -> AsyncIterator[FakeAmi]:
    fake = FakeAmi()
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()
