"""CreateOptions, UpdateOptions and PatchOptions: what a write may ask for in its query.

k8s.io/apimachinery pkg/apis/meta/v1/validation: ValidateCreateOptions, ValidateUpdateOptions, ValidatePatchOptions.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube import patch
from tui.sim.kube.call import Call
from tui.sim.kube.fielderrors import FieldError, forbidden, invalid, required, too_long, unsupported
from tui.sim.kube.refusals import invalid_options

VALIDATIONS = ("Ignore", "Strict", "Warn")
_KINDS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
_LONGEST_MANAGER = 128


def check_options(call: Call, media: str = "") -> None:
    """media: of a patch. Raises ApiError 422."""
    for error in _errors(call, media):
        raise invalid_options(_KINDS[call.route.verb], error)
    _ = call.dry_run  # raises, too


def _errors(call: Call, media: str) -> Iterator[FieldError]:
    manager, validation = call.query.get("fieldManager", ""), call.query.get("fieldValidation", "")
    if call.route.verb == "patch":
        if media != patch.APPLY_PATCH and "force" in call.query:
            yield forbidden("force", "may not be specified for non-apply patch")
        if media == patch.APPLY_PATCH and not manager:
            yield required("fieldManager", "is required for apply patch")
    if len(manager.encode()) > _LONGEST_MANAGER:
        yield too_long("fieldManager", _LONGEST_MANAGER)
    for position, letter in enumerate(manager):
        if not letter.isprintable():
            shown = f"U+{ord(letter):04X}"
            yield invalid("fieldManager", manager, f"invalid character {shown} (at position {position})")
    if validation and validation not in VALIDATIONS:
        yield unsupported("fieldValidation", validation, ("", *VALIDATIONS))
