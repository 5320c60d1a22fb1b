"""Errors about one field, as k8s.io/apimachinery/pkg/util/validation/field words them.

An error is (reason, message, field path): what `refusals.invalid` makes the causes and the sentence of a 422 of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from tui.sim.kube.gotext import quoted

FieldError = tuple[str, str, str]


def required(path: str, detail: str = "") -> FieldError:
    return "FieldValueRequired", _with("Required value", detail), path


def forbidden(path: str, detail: str) -> FieldError:
    return "FieldValueForbidden", _with("Forbidden", detail), path


def invalid(path: str, value: object, detail: str) -> FieldError:
    return "FieldValueInvalid", _with(f"Invalid value: {_shown(value)}", detail), path


def duplicate(path: str, value: object) -> FieldError:
    return "FieldValueDuplicate", f"Duplicate value: {_shown(value)}", path


def not_found(path: str, value: object) -> FieldError:
    return "FieldValueNotFound", f"Not found: {_shown(value)}", path


def unsupported(path: str, value: object, supported: Iterable[str]) -> FieldError:
    """supported: in the order in which the server lists them (sorted, for a set)."""
    listed = ", ".join(quoted(known) for known in supported)
    return "FieldValueNotSupported", f"Unsupported value: {_shown(value)}: supported values: {listed}", path


def too_long(path: str, most: int) -> FieldError:
    return "FieldValueTooLong", f"Too long: may not be more than {most} bytes", path


def not_negative(path: str, value: object) -> list[FieldError]:
    """For a number that is there and must not be below zero."""
    if isinstance(value, int) and value < 0:
        return [invalid(path, value, "must be greater than or equal to 0")]
    return []


def _with(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
