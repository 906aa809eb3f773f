"""Whether an address is this very machine: no proxy of the environment can reach it for us."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """True for localhost, 127.0.0.0/8 and ::1, whatever the scheme and port."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False  # a name
