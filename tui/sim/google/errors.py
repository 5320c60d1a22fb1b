"""Refusals in the words and shapes of Google's APIs.

`{"error": {code, message, status, details[]}}` for everything an API says; an HTML page for what Google's front end
says before any API is reached (an address nobody serves). The texts are the services' own: clients such as gcloud
recognise some of them by regular expression.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from aiohttp import web

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_SIGN_IN = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class GoogleError(Exception):
    """Answer with this error object. code: the HTTP status; status: the canonical name, where the usual one for the
    code is not meant."""

    def __init__(
        self,
        code: int,
        message: str,
        details: list[dict[str, object]] | None = None,
        status: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or []
        self.status = status or _STATUS[code]
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        error: dict[str, object] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return answer({"error": error}, self.code, self.headers)


def answer(body: object, code: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON as Google's front end sends it: two spaces, UTF-8."""
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return web.Response(text=text, status=code, content_type="application/json", charset="UTF-8", headers=headers)


def error_info(reason: str, domain: str, **metadata: str) -> dict[str, object]:
    """The machine-readable part of an error (google.rpc.ErrorInfo)."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": domain, "metadata": metadata}


def help_link(description: str, url: str) -> dict[str, object]:
    links = [{"description": description, "url": url}]
    return {"@type": "type.googleapis.com/google.rpc.Help", "links": links}


def unauthenticated(service: str, method: str, *, missing: bool = False, expired: bool = False) -> GoogleError:
    """401: no token, one that nobody knows, or one past its end."""
    if missing:
        reason, opening = "CREDENTIALS_MISSING", "Request is missing required authentication credential. "
        challenge = 'Bearer realm="https://accounts.google.com/"'
    else:
        reason = "ACCESS_TOKEN_EXPIRED" if expired else "ACCESS_TOKEN_TYPE_UNSUPPORTED"
        opening = "Request had invalid authentication credentials. "
        challenge = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    info = error_info(reason, "googleapis.com", service=service, method=method)
    return GoogleError(401, opening + _SIGN_IN, [info], headers={"WWW-Authenticate": challenge})


def permission_denied(permission: str, resource: str, *, full: bool = True) -> GoogleError:
    """403 for a missing IAM permission. resource: a full resource name ("//gkehub.googleapis.com/projects/…");
    full: the long form of the sentence; GKE Hub's list uses the short one."""
    if full:
        message = f"Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
    else:
        message = f"Permission '{permission}' denied on '{resource.split('/', 3)[-1]}'"
    domain = "iam.googleapis.com"
    info = error_info("IAM_PERMISSION_DENIED", domain, permission=permission, resource=resource.split("/", 3)[-1])
    return GoogleError(403, message, [info])


def service_disabled(service: str, title: str, number: str) -> GoogleError:
    """403 for an API which the project has not enabled; gcloud offers to enable it on this very sentence."""
    url = f"https://console.developers.google.com/apis/api/{service}/overview?project={number}"
    message = (
        f"{title} has not been used in project {number} before or it is disabled. Enable it by visiting {url} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and "
        "retry."
    )
    consumer = f"projects/{number}"
    info = error_info(
        "SERVICE_DISABLED", "googleapis.com", service=service, serviceTitle=title, consumer=consumer, activationUrl=url
    )
    return GoogleError(403, message, [help_link("Google developers console API activation", url), info])


def not_found(name: str) -> GoogleError:
    return GoogleError(404, f"Resource '{name}' was not found")


def quota_exceeded(metric: str, limit: str, value: int, number: str) -> GoogleError:
    """429 for a rate limit of the gateway."""
    service = "connectgateway.googleapis.com"
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per minute' of service '{service}' "
        f"for consumer 'project_number:{number}'."
    )
    info = error_info(
        "RATE_LIMIT_EXCEEDED",
        "googleapis.com",
        service=service,
        consumer=f"projects/{number}",
        quota_metric=f"{service}/{limit}",
        quota_limit_value=str(value),
        quota_location="global",
    )
    link = help_link("Request a higher quota limit.", "https://cloud.google.com/docs/quotas/help/request_increase")
    return GoogleError(429, message, [info, link])


def page(code: int, title: str, text: str) -> web.Response:
    """Google's front end speaking for itself, in HTML. text: plain; it is escaped here."""
    body = (
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n"
        '  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">\n'
        f"  <title>Error {code} ({title})!!1</title>\n"
        "  <a href=//www.google.com/><span id=logo aria-label=Google></span></a>\n"
        f"  <p><b>{code}.</b> <ins>That’s an error.</ins>\n"
        f"  <p>{html.escape(text, quote=False)}  <ins>That’s all we know.</ins>\n"
    )
    return web.Response(text=body, status=code, content_type="text/html", charset="UTF-8")


def page_not_found(path: str) -> web.Response:
    """The front end's 404: an address that no service has."""
    return page(404, "Not Found", f"The requested URL {path} was not found on this server.")
