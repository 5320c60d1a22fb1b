"""An injected refusal in the voice of whoever is asked: the doctor reads bodies, so a fault must speak properly."""

from __future__ import annotations

import json

from aiohttp import web

from tui.sim.azure.errors import ArmError
from tui.sim.exchange import Exchange
from tui.sim.faults import Fault
from tui.sim.google.errors import GoogleError
from tui.sim.kube.status import ApiError

_KUBERNETES = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "forbidden by an injected fault"),
    404: ("NotFound", "the server could not find the requested resource"),
    409: ("Conflict", "the object has been modified; please apply your changes to the latest version and try again"),
    410: ("Expired", "The resourceVersion for the provided watch is too old."),
    429: ("TooManyRequests", "Too many requests, please try again later."),
    500: ("InternalError", "an error on the server has prevented the request from succeeding"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "the server was unable to return a response in the time allotted"),
}
_GOOGLE = {
    429: "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of the service.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}
_AZURE = {
    429: ("TooManyRequests", "The request is being throttled as the limit has been reached."),
    500: ("InternalServerError", "Encountered internal server error."),
    503: ("ServiceUnavailable", "The service is unavailable."),
}


def injected(exchange: Exchange, fault: Fault) -> web.Response:
    """The answer of an `answer` fault: its own body, or what the surface says with that status."""
    status = int(fault.number("status", 500))
    response = _own_body(fault, status) or _usual(exchange.surface, status)
    if "retry_after" in fault.options:
        response.headers["Retry-After"] = str(fault.options["retry_after"])
    headers = fault.options.get("headers")
    if isinstance(headers, dict):
        response.headers.update({str(name): str(value) for name, value in headers.items()})  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return response


def crashed(surface: str) -> web.Response:
    """What a mistake in the simulator itself is answered with: a service does not show its own traceback either."""
    if surface == "control":
        return web.json_response({"error": "the simulator failed; its log says how"}, status=500)
    return _usual(surface, 500)


def _own_body(fault: Fault, status: int) -> web.Response | None:
    body = fault.options.get("body")
    if body is None:
        return None
    if isinstance(body, str):
        kind = "text/html" if body.lstrip().startswith("<") else "text/plain"
        return web.Response(text=body, status=status, content_type=kind)
    return web.Response(text=json.dumps(body), status=status, content_type="application/json")


def _usual(surface: str, status: int) -> web.Response:
    if surface == "azure":
        return ArmError(status, *_AZURE.get(status, (f"Error{status}", f"Injected error {status}."))).response()
    if surface == "kubernetes":
        reason, message = _KUBERNETES.get(status, ("", f"injected error {status}"))
        return web.json_response(ApiError(status, reason, message).status(), status=status)
    message = _GOOGLE.get(status, f"Injected error {status}.")
    return GoogleError(status, message, status="" if status in _GOOGLE else "UNKNOWN").response()
