"""Refusals of the API server: `ApiError` carries the `Status` object exactly as it goes over the wire.

Message texts and shapes are those of the recorded server (`error-*` recordings) and of k8s.io/apimachinery's
api/errors.
"""

from __future__ import annotations

from typing import Any

Obj = dict[str, Any]
"""A Kubernetes object as plain JSON. Once stored it is never changed in place: replaced, never mutated."""


class ApiError(Exception):
    """Answer with this Status. retry_after: seconds for a Retry-After header."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Obj | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retry_after = retry_after

    def status(self) -> Obj:
        """The Status object; key order as the real server writes it."""
        body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body
