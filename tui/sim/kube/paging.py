"""Which version of a list is asked for, and where in it a page begins: the rules of list options and the continue
token.

k8s.io/apimachinery pkg/apis/meta/internalversion/validation, k8s.io/apiserver pkg/storage/continue.go; recorded:
page-1, page-2, page-bad-continue, list-rv-future.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from tui.sim.kube.bucket import Snapshot
from tui.sim.kube.fielderrors import FieldError, forbidden, unsupported
from tui.sim.kube.gonumbers import query_int
from tui.sim.kube.kinds import Kind
from tui.sim.kube.refusals import ContinueExpired, bad_request, invalid_options, too_large
from tui.sim.kube.status import ApiError
from tui.sim.kube.store import Store

_FORMAT = "meta.k8s.io/v1"
_NOT_CONSISTENT = -1
"""The version in a token that continues from whatever there is now."""


@dataclass(frozen=True, slots=True)
class ListOptions:
    """limit: 0 = all. version: None where none was given. match: "", "Exact" or "NotOlderThan"."""

    limit: int = 0
    token: str = ""
    version: int | None = None
    match: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What a list is taken from: a snapshot, and the first index to look at."""

    snapshot: Snapshot
    start: int
    end: int


def parse_options(query: Mapping[str, str]) -> ListOptions:
    """Raises ApiError 400 and 422."""
    limit = query_int(query, "limit") or 0
    query_int(query, "timeoutSeconds")
    written = query.get("resourceVersion", "")
    version = parse_version(written)
    match, token = query.get("resourceVersionMatch", ""), query.get("continue", "")
    wrong = _forbidden(version, match, token, query)
    if wrong:
        raise invalid_options("ListOptions", wrong)
    if token and version:
        raise bad_request("specifying resource version is not allowed when using continue")
    if version == 0 and match != "Exact":
        limit = 0  # served from the watch cache, which ignores a limit
    return ListOptions(max(0, limit), token, version, match)


def parse_version(written: str) -> int | None:
    """Raises ApiError 400."""
    if not written:
        return None
    if not written.isdigit():
        raise bad_request(f'Invalid value: "{written}": strconv.ParseUint: parsing "{written}": invalid syntax')
    return int(written)


def window(store: Store, kind: Kind, namespace: str, options: ListOptions) -> Window:
    """Raises ApiError 400, 410 and 504."""
    if options.token:
        return _continued(store, kind, namespace, options.token)
    check_reached(store, options.version)
    exact = options.match == "Exact" or (options.version and options.limit and not options.match)
    snapshot = store.at(kind, options.version) if exact and options.version else store.snapshot(kind)
    if snapshot is None:
        raise ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")
    return Window(snapshot, *snapshot.span(namespace))


def check_reached(store: Store, version: int | None) -> None:
    """Raises ApiError 504 for a version the cluster has not reached."""
    if version is not None and version > store.version:
        raise too_large(version, store.version)


def continue_token(version: int, namespace: str, key: str) -> str:
    """For the page that begins right after `key`."""
    relative = key.removeprefix(f"{namespace}/") if namespace else key
    # Go writes the NUL escaped; so does msgspec.
    token = msgspec.json.encode({"v": _FORMAT, "rv": version, "start": f"/{relative}\x00"})
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _continued(store: Store, kind: Kind, namespace: str, token: str) -> Window:
    version, start = _decode(token)
    current = version in (_NOT_CONSISTENT, store.version)
    snapshot = store.snapshot(kind) if current else store.pages.get(kind.storage, version)
    if snapshot is None:
        key = f"{namespace}/{start}" if namespace else start
        raise ContinueExpired(continue_token(_NOT_CONSISTENT, namespace, key.removesuffix("\x00")))
    _, end = snapshot.span(namespace)
    first = bisect_left(snapshot.keys, f"{namespace}/{start}" if namespace else start)
    return Window(snapshot, min(first, end), end)


def _decode(token: str) -> tuple[int, str]:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _bad_token("continue key is not valid: illegal base64 data at input byte 0") from None
    try:
        fields = msgspec.json.decode(raw, type=dict[str, object])
    except msgspec.MsgspecError:
        first = chr(raw[0]) if raw else ""
        said = f"invalid character '{first}' looking for beginning of value"
        raise _bad_token(f"continue key is not valid: {said}") from None
    if fields.get("v") != _FORMAT:
        raise _bad_token("server does not recognize this encoded version " + f'"{fields.get("v", "")}"')
    version, start = fields.get("rv"), fields.get("start")
    if not isinstance(version, int) or version == 0:
        raise _bad_token(f"incorrect encoded start resourceVersion (version {_FORMAT})")
    if not isinstance(start, str) or not start:
        raise _bad_token(f"encoded start key empty (version {_FORMAT})")
    return version, start.removeprefix("/")


def _bad_token(why: str) -> ApiError:
    return bad_request(f"invalid continue token: {why}")


def _forbidden(version: int | None, match: str, token: str, query: Mapping[str, str]) -> FieldError | None:
    """What is wrong with the combination, if anything."""
    field = "resourceVersionMatch"
    if "sendInitialEvents" in query:
        return forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")
    if not match:
        return None
    if token:
        return forbidden(field, f"{field} is forbidden for continue")
    if version is None:
        return forbidden(field, f"{field} is forbidden unless resourceVersion is provided")
    if match not in ("Exact", "NotOlderThan"):
        return unsupported(field, match, ("Exact", "NotOlderThan", ""))
    if match == "Exact" and version == 0:
        return forbidden(field, f'{field} "exact" is forbidden for resourceVersion "0"')
    return None
