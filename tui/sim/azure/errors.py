"""Refusals in the words and shape of Azure Resource Manager: `{"error": {code, message}}`."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web


class ArmError(Exception):
    """Answer with this error."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        body = {"error": {"code": self.code, "message": self.message}}
        return web.json_response(body, status=self.status, headers={"x-ms-failure-cause": "gateway", **self.headers})


def unauthenticated(code: str, message: str) -> ArmError:
    """401 with the challenge ARM adds."""
    challenge = (
        'Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token", '
        f'error_description="{message}"'
    )
    return ArmError(401, code, message, {"WWW-Authenticate": challenge})


def forbidden(client: str, object_id: str, action: str, scope: str) -> ArmError:
    """403 for an action that no role assignment of the caller allows."""
    message = (
        f"The client '{client}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials."
    )
    return ArmError(403, "AuthorizationFailed", message)


def not_found(kind: str, name: str, group: str) -> ArmError:
    """404 for a resource. kind: "Microsoft.ContainerService/managedClusters"."""
    message = (
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", message)


def unregistered(namespace: str) -> ArmError:
    """409 while a subscription has not registered a resource provider; SDKs try to register it on this code."""
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. "
        "See https://aka.ms/rps-not-found for how to register subscriptions."
    )
    return ArmError(409, "MissingSubscriptionRegistration", message)
