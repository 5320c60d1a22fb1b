"""Which proxy a URL is asked through, by Go's rules (golang.org/x/net/http/httpproxy), which kubectl and the cloud
tools' Go parts follow: people set NO_PROXY with networks and suffixes, and aiohttp's own reading knows neither.

Loopback is never proxied. `~/.netrc` is not read: it must not add credentials to our requests.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from tui.errors import Problem, ProblemKind, SourceError


class Proxies:
    """The proxies of an environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; lower case too)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        def variable(name: str) -> str:
            return environ.get(name) or environ.get(name.lower(), "")

        self._by_scheme = {"https": variable("HTTPS_PROXY"), "http": variable("HTTP_PROXY")}
        self._exempt = [part.strip().lower() for part in variable("NO_PROXY").split(",") if part.strip()]

    def for_url(self, url: str) -> str | None:
        """The proxy's URL, or None to go straight. Raises SourceError for a kind of proxy that is not spoken."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        proxy = self._by_scheme.get(parts.scheme, "")
        if not proxy or self._is_exempt(host, parts.port or (443 if parts.scheme == "https" else 80)):
            return None
        return usable_proxy(proxy)

    def _is_exempt(self, host: str, port: int) -> bool:
        address = _address(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return True
        return any(_matches(rule, host, port, address) for rule in self._exempt)


def usable_proxy(proxy: str) -> str:
    """`proxy` with its scheme ("host:port" means http). Raises SourceError (MISSING) for a SOCKS proxy."""
    url = proxy if "://" in proxy else f"http://{proxy}"
    scheme = urlsplit(url).scheme
    if scheme in ("http", "https"):
        return url
    summary = f"a {scheme} proxy is configured; only http and https proxies can be used"
    raise SourceError(Problem(ProblemKind.MISSING, summary, target=f"{scheme}://{urlsplit(url).hostname or ''}"))


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(rule: str, host: str, port: int, address: _Address | None) -> bool:
    if rule == "*":
        return True
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    name, _, its_port = rule.rpartition(":") if rule.count(":") == 1 or "]:" in rule else (rule, "", "")
    if its_port and its_port != str(port):
        return False
    name = name.strip("[]").removeprefix("*")
    if address is not None:
        return _address(name) == address
    # "example.com" means it and what is below it; ".example.com" only what is below it.
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")
