"""One log line for every service: `13:05:01 scheduler  build ... published`; UTC, on stderr."""

import logging
import re
import time
from contextvars import ContextVar

CHATTY = ("httpx", "httpcore", "websockets", "yfinance", "peewee", "schedule", "watchdog")
NOISY = ("bs4",)
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)  # what a line of the API belongs to
FORMATTED = re.compile(r"\d\d:\d\d:\d\d [a-z]+ +\S")


class LineFormatter(logging.Formatter):
    """Clock, service, message; a warning or an error says that it is one."""

    converter = staticmethod(time.gmtime)

    def __init__(self, service: str) -> None:
        super().__init__(f"%(asctime)s {service:<9}  %(severity)s%(message)s", datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record.severity = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line before a traceback; a line of JSON, which has the id in it, ends with its brace."""
        line, request_id = super().formatMessage(record), REQUEST_ID.get()
        return line if request_id is None or line.endswith("}") else f"{line} [{request_id}]"


def configure_logging(service: str, level: str) -> None:
    """Send every logger of this process to stderr in the common form; libraries only from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


def without_clock(text: str) -> str:
    """The message alone of a line that a service of ours formatted; another text as it stands."""
    return text.split(maxsplit=2)[2] if FORMATTED.match(text) else text


def as_log_line(service: str, text: str) -> str:
    """`text` as it stands if a service of ours formatted it, else with the clock and the service before it."""
    if FORMATTED.match(text):
        return text
    return f"{time.strftime('%H:%M:%S', time.gmtime())} {service:<9}  {text}"
