"""Which services make up the product, how each is started, and where it answers."""

import socket
import sys
from dataclasses import dataclass

from quant.errors import QuantError
from quant.settings import PROJECT_PATH, Settings
from quant.supervisor import Service, answers


class PortError(QuantError):
    """A port that a service needs is taken."""


@dataclass(frozen=True)
class Listener:
    """A port of the product: its key under `ports`, its host, and the page that answers 200 when it is ours."""

    key: str
    host: str
    port: int
    health_path: str

    @property
    def url(self) -> str:
        return f"http://{reachable(self.host)}:{self.port}"

    @property
    def health_url(self) -> str:
        return self.url + self.health_path

    def is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
            try:
                probe.bind((self.host, self.port))
            except OSError:
                return False
            return True

    def is_ours(self) -> bool:
        """Whether something that answers like our service listens there."""
        return answers(self.health_url)

    @property
    def remedy(self) -> str:
        variable = f"QUANT_PORTS__{self.key.upper()}={self.port + 1}"
        return f"end what listens there, or change ports.{self.key} in config.yaml (or set {variable})"


def reachable(host: str) -> str:
    """The address to open when a server listens on `host`."""
    return "127.0.0.1" if host == "0.0.0.0" else host


def listeners(settings: Settings) -> list[Listener]:
    """Every port that `quant up` listens on, the API first."""
    ports = settings.ports
    found = [
        Listener("api", settings.host, ports.api, "/health"),
        Listener("dashboard", settings.host, ports.dashboard, "/health"),
    ]
    return [*found, Listener("standin", "127.0.0.1", ports.standin, "/api/v3/ping")] if settings.demo else found


def refuse_used_ports(settings: Settings) -> None:
    """Raise PortError, before anything starts, that names each taken port and the key that moves it."""
    taken = [listener for listener in listeners(settings) if not listener.is_free()]
    if taken:
        raise PortError("; ".join(f"port {item.port} is in use{_by_whom(item)}: {item.remedy}" for item in taken))


def _by_whom(listener: Listener) -> str:
    return " by a running product, it seems" if listener.is_ours() else ""


def standin_service(settings: Settings) -> Service:
    """The local market that demo data come from."""
    return Service("standin", _python("ingest.standin"), f"{settings.standin_url}/api/v3/ping")


def services(settings: Settings) -> list[Service]:
    """What runs beside the market, live or demo."""
    api, dashboard = listeners(settings)[:2]
    return [
        Service("ingest", _python("ingest", "crypto")),
        Service("scheduler", _python("scheduler"), sends_alerts=True),
        Service("api", _python("api", "--host", api.host, "--port", str(api.port)), api.health_url),
        Service("dashboard", _python(*_streamlit(dashboard)), dashboard.health_url),
    ]


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def _streamlit(listener: Listener) -> tuple[str, ...]:
    place = ("--server.address", listener.host, "--server.port", str(listener.port))
    quiet = ("--logger.hideWelcomeMessage", "true", "--logger.level", "error")  # the rest is in dashboard/.streamlit
    return ("streamlit", "run", str(PROJECT_PATH / "dashboard" / "app.py"), *place, *quiet)
