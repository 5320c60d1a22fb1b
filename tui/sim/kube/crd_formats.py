"""The string formats that a custom resource's schema may ask for, as far as the server checks them.

A format the server does not know is not checked either (k8s.io/kube-openapi pkg/validation/strfmt).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime

_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_MAC = re.compile(r"(?i)(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)")
_DURATION = re.compile(r"[+-]?(?:\d+(?:\.\d*)?\s*(?:ns|us|µs|ms|s|m|h|d|w))+")


def matches_format(name: str, value: str) -> bool:
    """Whether `value` is of the format; True for a format that is not checked."""
    check = _CHECKS.get(name)
    if check is None:
        return True
    try:
        return check(value)
    except (ValueError, binascii.Error):
        return False


def _date_time(value: str) -> bool:
    return bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))


def _byte(value: str) -> bool:
    base64.b64decode(value, validate=True)
    return True


def _cidr(value: str) -> bool:
    return "/" in value and bool(ipaddress.ip_network(value, strict=False))


_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": lambda value: bool(date.fromisoformat(value)),
    "date-time": _date_time,
    "datetime": _date_time,
    "duration": lambda value: bool(_DURATION.fullmatch(value)),
    "ipv4": lambda value: bool(ipaddress.IPv4Address(value)),
    "ipv6": lambda value: bool(ipaddress.IPv6Address(value)),
    "cidr": _cidr,
    "mac": lambda value: bool(_MAC.fullmatch(value)),
    "uuid": lambda value: bool(_UUID.fullmatch(value)),
    "byte": _byte,
}
