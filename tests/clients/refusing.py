"""Refusals as the real services word them."""

from __future__ import annotations

import json

from tui.clients.problems import problem_from_response
from tui.errors import Problem

GATEWAY = "https://connectgateway.googleapis.com/v1/projects/123/locations/global/memberships/plant-7/api/v1/pods"
HUB = "https://gkehub.googleapis.com/v1/projects/acme/locations/-/memberships"
ARM = "https://management.azure.com/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ServiceLinker/linkers"
WHO = "ana@example.com"


def google(code: int, status: str, message: str, *details: dict) -> bytes:
    return json.dumps({"error": {"code": code, "status": status, "message": message, "details": details}}).encode()


def info(reason: str, **metadata: str) -> dict:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}


def status(code: int, reason: str, message: str) -> bytes:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return json.dumps(body | {"code": code}).encode()


def arm(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def problem(code: int, body: bytes, target: str, who: str = WHO, **headers: str) -> Problem:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return problem_from_response(code, named, body, target=target, who=who)
