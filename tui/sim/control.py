"""The control endpoint: arms faults and shows what was asked, for tests and for `curl` in a rehearsal.

    POST   /_sim/faults     {"action": …, "match": {…}, "options": {…}}    -> the armed fault
    GET    /_sim/faults                                                    -> all armed faults
    DELETE /_sim/faults     or /_sim/faults/ID
    GET    /_sim/requests   ?path=PART&method=GET
    DELETE /_sim/requests
    GET    /_sim/streams                                                   -> the gateway's active streams

Every request needs the header X-Sim-Control with the server's secret: whoever may use the simulated clouds may not
therefore break them.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web

from tui.errors import UsageError
from tui.sim.exchange import Exchange
from tui.sim.faults import OPTIONS, Faults, check_words
from tui.sim.requestlog import RequestLog

HEADER = "X-Sim-Control"
PREFIX = "/_sim/"


class Control:
    """Answers everything under `PREFIX`."""

    def __init__(
        self, secret: str, faults: Faults, requests: RequestLog, streams: Callable[[], list[dict[str, object]]]
    ) -> None:
        self._secret = secret
        self._faults = faults
        self._requests = requests
        self._streams = streams

    async def handle(self, exchange: Exchange) -> web.Response:
        request = exchange.request
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._secret.encode()):
            return _error(403, f"the header {HEADER} must hold the simulator's control secret")
        try:
            return await self._handle(request)
        except UsageError as error:
            return _error(400, str(error))

    async def _handle(self, request: web.Request) -> web.Response:
        match request.method, *request.path.removeprefix(PREFIX).strip("/").split("/"):
            case "POST", "faults":
                return await self._arm(request)
            case "GET", "faults":
                return web.json_response([fault.as_json() for fault in self._faults])
            case "DELETE", "faults":
                self._faults.clear()
                return web.json_response([])
            case "DELETE", "faults", id:
                return self._disarm(id)
            case "GET", "requests":
                found = self._requests.to(request.query.get("path", ""), request.query.get("method", ""))
                return web.json_response([entry.as_json() for entry in found])
            case "DELETE", "requests":
                self._requests.clear()
                return web.json_response([])
            case "GET", "streams":
                return web.json_response(self._streams())
            case _:
                return _error(404, f"nothing at {request.method} {request.path}")

    async def _arm(self, request: web.Request) -> web.Response:
        try:
            body: object = json.loads(await request.read())
        except ValueError as error:
            raise UsageError(f"not JSON: {error}") from error
        if not isinstance(body, dict):
            raise UsageError("expected an object: action, match, options")
        words = cast("dict[str, Any]", body)
        unknown = set(words) - {"action", "match", "options"}
        if unknown:
            raise UsageError(f"unknown key {sorted(unknown)[0]!r}; known: action, match, options")
        match: dict[str, str] = _object(words, "match")
        options = _object(words, "options")
        check_words("option", options, OPTIONS)
        fault = self._faults.add(str(words.get("action")), match, **options)
        return web.json_response(fault.as_json(), status=201)

    def _disarm(self, id: str) -> web.Response:
        for fault in self._faults:
            if str(fault.id) == id:
                self._faults.remove(fault)
                return web.json_response(fault.as_json())
        return _error(404, f"no fault {id}")


def _object(words: dict[str, Any], name: str) -> dict[str, Any]:
    """A member of the request that is an object, or is left out. Raises UsageError."""
    value: object = words.get(name)
    if value is not None and not isinstance(value, dict):
        raise UsageError(f"{name} must be an object, not {json.dumps(value)}")
    return cast("dict[str, Any]", value or {})


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
