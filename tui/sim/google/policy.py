"""The IAM policy of one project: read-modify-write with an etag, versions, conditions, and what it grants to whom."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from tui.sim.google import conditions
from tui.sim.google.errors import GoogleError
from tui.sim.google.roles import ROLES, permissions

Binding = dict[str, Any]

_MEMBER_KINDS = ("user", "serviceAccount", "group", "domain", "principal", "principalSet", "deleted")
_ROLE = re.compile(r"roles/[a-zA-Z]+\.[a-zA-Z]+|(projects|organizations)/[^/]+/roles/[\w.]+")
"""A role that may well exist although nothing here is granted by it."""
_STALE = (
    "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. "
    "The request's ETag '{theirs}' did not match the current policy's ETag '{ours}'."
)


class Policy:
    """Bindings of roles to members. Starts with those of the scenario."""

    def __init__(self, bindings: Iterable[tuple[str, str]] = ()) -> None:
        self._bindings: list[Binding] = []
        self._revision = 0
        self.withheld: Callable[[str, str], bool] | None = None
        """Whether a member is denied a permission all the same: a deny policy, which no binding shows."""
        for role, member in bindings:
            self._bind(role, member)

    def _bind(self, role: str, member: str) -> None:
        for binding in self._bindings:
            if binding["role"] == role:
                if member not in binding["members"]:
                    binding["members"].append(member)
                return
        self._bindings.append({"role": role, "members": [member]})

    @property
    def etag(self) -> str:
        """Valid base64, or gcloud falls over it."""
        state = f"{self._revision}:{json.dumps(self._bindings, sort_keys=True)}"
        return base64.b64encode(hashlib.sha256(state.encode()).digest()[:8]).decode()

    def grants(self, member: str, permission: str, now: float) -> bool:
        """Whether a member holds a permission at `now`, conditions considered."""
        if self.withheld is not None and self.withheld(member, permission):
            return False
        return any(
            permission in permissions(binding["role"])
            and (member in binding["members"] or "allAuthenticatedUsers" in binding["members"])
            and ("condition" not in binding or conditions.holds(binding["condition"].get("expression", ""), now))
            for binding in self._bindings
        )

    def read(self, version: int) -> dict[str, object]:
        """As getIamPolicy answers a request for `version`: below 3 a condition shows only as a suffix of its role."""
        conditional = any("condition" in binding for binding in self._bindings)
        sorted_ones = [{**binding, "members": sorted(binding["members"])} for binding in self._bindings]
        shown = [binding if version >= 3 else _without_condition(binding) for binding in sorted_ones]
        shown.sort(key=lambda binding: str(binding["role"]))
        return {"version": 3 if conditional and version >= 3 else 1, "etag": self.etag, "bindings": shown}

    def write(self, policy: dict[str, Any]) -> None:
        """As setIamPolicy. Raises GoogleError: 400 for what is malformed, 409 for a stale etag."""
        theirs = policy.get("etag")
        if theirs and _bytes(theirs) != _bytes(self.etag):
            raise GoogleError(409, _STALE.format(theirs=theirs, ours=self.etag))
        bindings: list[Binding] = policy.get("bindings") or []
        version = policy.get("version") or 1
        if version not in (1, 3):
            raise GoogleError(400, f"Policy version must be 1 or 3, not {version}.")
        for binding in bindings:
            _check(binding, version)
        self._bindings = [_tidy(binding) for binding in bindings if binding.get("members")]
        self._revision += 1


def _bytes(etag: str) -> bytes:
    """An etag is bytes; gcloud sends them back in base64's other alphabet. Raises GoogleError 400."""
    try:
        urlsafe = etag.replace("+", "-").replace("/", "_")
        return base64.urlsafe_b64decode(urlsafe + "=" * (-len(urlsafe) % 4))
    except ValueError as error:
        raise GoogleError(400, "Invalid value at 'policy.etag' (TYPE_BYTES), Base64 decoding failed.") from error


def _without_condition(binding: Binding) -> Binding:
    if "condition" not in binding:
        return dict(binding)
    mark = hashlib.sha256(json.dumps(binding["condition"], sort_keys=True).encode()).hexdigest()[:16]
    return {"role": f"{binding['role']}_withcond_{mark}", "members": binding["members"]}


def _tidy(binding: Binding) -> Binding:
    kept: Binding = {"role": binding["role"], "members": list(dict.fromkeys(binding["members"]))}
    if binding.get("condition"):
        kept["condition"] = binding["condition"]
    return kept


def _check(binding: Binding, version: int) -> None:
    role = binding.get("role", "")
    if role not in ROLES and not _ROLE.fullmatch(role):
        raise GoogleError(400, f"Role {role} is not supported for this resource.")
    if binding.get("condition"):
        if version != 3:
            raise GoogleError(400, "Specify policy version 3 to set a policy with conditional role bindings.")
        _check_condition(binding["condition"])
    for member in binding.get("members", []):
        kind, _, name = member.partition(":")
        if member not in ("allUsers", "allAuthenticatedUsers") and (kind not in _MEMBER_KINDS or not name):
            raise GoogleError(
                400,
                f"Invalid argument: The member {member} is of an unknown type. "
                "Please set a valid type prefix for the member.",
            )


def _check_condition(condition: dict[str, Any]) -> None:
    if not condition.get("title") or not condition.get("expression"):
        raise GoogleError(400, "A condition must have a title and an expression.")
