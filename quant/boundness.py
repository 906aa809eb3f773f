"""Whether an address is this machine's own, which no other machine can reach."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """True of localhost, 127.0.0.0/8, ::1 and the former written as IPv6; other names are taken for the outside."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
