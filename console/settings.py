"""Every setting, from one TOML file and the environment (DENWABAN_ARI__PORT=… overrides [ari] port)."""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dialplan.errors import BadValue
from subscribers.members import check_mail

Port = Annotated[int, Field(ge=1, le=65535)]
WHERE = "DENWABAN_SETTINGS"
DEFAULT_FILE = Path("/etc/denwaban/denwaban.toml")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Switch(_Table):
    """The Asterisk this process decides for."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")] = "sw1"
    """Leads every call identity, so it must differ between switches that share a store."""
    sip_host: str = "127.0.0.1"
    """The address SIP and RTP are bound to."""
    sip_port: Port = 5060
    rtp_start: Port = 10000
    rtp_end: Port = 18000
    """Four ports a running call: 8,000 ports carry 2,000 calls."""
    public_address: str = ""
    """What is written into SIP and SDP for peers outside local_networks, when the switch stands behind NAT."""
    local_networks: tuple[str, ...] = ()
    config_dir: Path = Path("/etc/asterisk")
    """Where the rendered configuration is written."""
    records: Path = Path("/var/log/asterisk/cdr-custom/denwaban.csv")
    """Asterisk's own call records, as this process reads them for reconciliation."""


class Access(_Table):
    """A listening address of Asterisk's, on loopback, with generated credentials."""

    host: str = "127.0.0.1"
    port: Port
    user: str = "denwaban"
    password: SecretStr


class Ari(Access):
    port: Port = 8088


class Ami(Access):
    port: Port = 5038


class FastAgi(_Table):
    """Where this process listens for ended calls."""

    host: str = "127.0.0.1"
    port: Port = 4573


class Store(_Table):
    url: str = "sqlite:////var/lib/denwaban/denwaban.db"
    """sqlite:///PATH, or postgresql://USER:PASSWORD@HOST/NAME."""
    key: SecretStr
    """Fernet key that seals SIP passwords in the store. Lose it and every handset must be enrolled anew."""


class Remote(_Table):
    """The numbers that members call to set their forwarding from anywhere; they must be routed to this switch, and
    be nobody's leased number. An empty one turns that order of keys off."""

    east: str = "03-6304-4141"
    west: str = "06-6480-6142"


class Rating(_Table):
    book: str = "leased-number"
    """The price book lines are charged under; `denwaban prices list` names them."""
    billed_from: date | None = None
    """The first month, by its first day, whose fees are invoiced here; earlier ones were billed elsewhere."""


class Mail(_Table):
    """Where mail to members is handed over. Without a host none is sent."""

    host: str = ""
    port: Port = 587
    security: Annotated[str, Field(pattern="^(none|starttls|tls)$")] = "starttls"
    """tls: encrypted from the first byte, as on port 465."""
    sender: Annotated[str, Field(validate_default=True)] = ""
    """What members see as the sender, such as denwaban@example.jp."""
    user: str = ""
    """Empty where the server asks for none."""
    password: SecretStr = SecretStr("")

    @field_validator("sender")
    @classmethod
    def _an_address_where_mail_is_sent(cls, sender: str, others: ValidationInfo) -> str:
        if sender or others.data.get("host"):
            check_mail(sender)
        return sender


class Issuer(_Table):
    """Who sends the invoices. Copied into each one when it is issued: a later change leaves issued ones alone."""

    name: Annotated[str, Field(min_length=1)]
    """As registered, such as 株式会社…."""
    registration: Annotated[str, Field(pattern="^T[0-9]{13}$")]
    """The number of a qualified invoice issuer (適格請求書発行事業者登録番号): T and 13 digits."""
    address: str = ""
    phone: str = ""
    bank: str = ""
    """Where to pay, as it shall stand on the invoice; a line break in it (TOML \\n) is kept."""


class Metrics(_Table):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9273
    """Prometheus scrapes here; 0 turns it off."""


class Log(_Table):
    format: Annotated[str, Field(pattern="^(json|console)$")] = "json"
    level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"


class Serve(_Table):
    lag_limit: Annotated[float, Field(gt=0, le=60)] = 4.0
    """Seconds the event loop may stand still before the process ends itself for its supervisor to start again."""
    refresh: Annotated[float, Field(ge=1, le=3600)] = 300.0
    """Seconds between full refreshes of the survival copy; changes travel at once."""
    reconcile: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """Seconds between readings of Asterisk's own records for calls the hook missed."""


class Settings(BaseSettings):
    """Raises BadValue through `load`; unknown keys are refused, so a typing error cannot pass for a default."""

    model_config = SettingsConfigDict(env_prefix="DENWABAN_", env_nested_delimiter="__", extra="forbid", frozen=True)

    ari: Ari
    ami: Ami
    store: Store
    switch: Switch = Switch()
    fastagi: FastAgi = FastAgi()
    remote: Remote = Remote()
    rating: Rating = Rating()
    mail: Mail = Mail()
    issuer: Issuer | None = None
    """Without it no invoice is issued."""
    metrics: Metrics = Metrics()
    log: Log = Log()
    serve: Serve = Serve()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)  # init is the file: the environment wins over it


def settings_file(given: Path | None) -> Path:
    """--settings, else $DENWABAN_SETTINGS, else /etc/denwaban/denwaban.toml."""
    return given or Path(os.environ.get(WHERE) or DEFAULT_FILE)


def load(given: Path | None = None) -> Settings:
    """Raises BadValue naming the first key that is wrong, what stands there, and what was expected."""
    file = settings_file(given)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadValue("settings file", str(file), "an existing file (`denwaban init` writes one)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadValue("settings file", str(file), f"TOML ({wrong})") from None
    try:
        return Settings(**table)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = "nothing" if first["type"] == "missing" else first.get("input")
        raise BadValue(f"{file}: {key}", found, first["msg"].lower()) from None
