"""The structured log: JSON a line for machines, or aligned text for people; one call identity through every line."""

import logging
import sys
from typing import Any

import msgspec
import structlog
from structlog.types import Processor

from console.settings import Log


def _json(event: dict[str, Any], **_: Any) -> str:
    """msgspec's, which takes a tenth of the time of json's: two lines a call are written."""
    return msgspec.json.encode(event, enc_hook=str).decode()


def configure(settings: Log) -> None:
    """For the whole process; also takes in what libraries log through the standard library."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
