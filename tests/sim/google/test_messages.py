"""Request messages that do not fit: refused in the front end's words, before a method sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

PROJECT = "/v1/projects/acme-1"
NO_FIELD = "Cannot find field."
UNKNOWN = "Invalid JSON payload received. Unknown name"
SET, GET, TEST = "setIamPolicy", "getIamPolicy", "testIamPermissions"


async def policy(clouds: Clouds) -> Any:
    status, body = await clouds.post(f"{PROJECT}:getIamPolicy", {"options": {"requestedPolicyVersion": 3}})
    assert status == 200, body
    return body


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        (SET, {"policy": "x"}, "Invalid value at 'policy' (type.googleapis.com/google.iam.v1.Policy), |x|"),
        (
            SET,
            {"policy": {"bindings": "x"}},
            "Invalid value at 'policy.bindings' (type.googleapis.com/google.iam.v1.Binding), |x|",
        ),
        (
            SET,
            {"policy": {"bindings": [1]}},
            "Invalid value at 'policy.bindings[0]' (type.googleapis.com/google.iam.v1.Binding), 1",
        ),
        (SET, {"policy": {"bogus": 1}}, f"{UNKNOWN} |bogus| at 'policy': {NO_FIELD}"),
        (SET, {"policy": {"bindings": [{"rol": "x"}]}}, f"{UNKNOWN} |rol| at 'policy.bindings[0]': {NO_FIELD}"),
        (SET, {"bogus": 1}, f"{UNKNOWN} |bogus|: {NO_FIELD}"),
        (
            SET,
            {"policy": {"etag": "a"}},
            "Invalid value at 'policy.etag' (TYPE_BYTES), Base64 decoding failed for |a|",
        ),
        (SET, [], f"{UNKNOWN} ||: Root element must be a message."),
        (GET, {"options": "x"}, "Invalid value at 'options' (type.googleapis.com/google.iam.v1.GetPolicyOptions), |x|"),
        (GET, {"options": [{}]}, f"{UNKNOWN} |options|: Proto field is not repeating, cannot start list."),
        (
            GET,
            {"options": {"requestedPolicyVersion": "x"}},
            "Invalid value at 'options.requested_policy_version' (TYPE_INT32), |x|",
        ),
        (TEST, {"permissions": [1]}, "Invalid value at 'permissions[0]' (TYPE_STRING), 1"),
        (TEST, {"permissions": "gkehub"}, "Permission gkehub is not valid for this resource."),
        (TEST, {"permissions": ["gkehub.gateway.*"]}, "Permission gkehub.gateway.* is not valid for this resource."),
    ],
)
async def test_a_message_that_does_not_fit_is_refused_and_changes_nothing(
    clouds: Clouds, method: str, body: object, words: str
) -> None:
    before = await policy(clouds)
    status, answer = await clouds.post(f"{PROJECT}:{method}", body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert answer["error"]["message"] == words.replace("|", '"')
    assert await policy(clouds) == before


@pytest.mark.parametrize("options", [{"requested_policy_version": "3"}, {"requestedPolicyVersion": 3.0}, None])
async def test_both_spellings_numbers_as_text_and_null_are_taken(clouds: Clouds, options: object) -> None:
    assert (await clouds.post(f"{PROJECT}:getIamPolicy", {"options": options}))[0] == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{'a': 1}", "Unexpected token.\n{'a': 1}\n ^"),
        ('{"policy":', 'Unexpected end of string.\n{"policy":\n          ^'),
    ],
)
async def test_a_body_that_is_no_json_is_shown_with_its_place(clouds: Clouds, body: str, words: str) -> None:
    status, answer = await clouds.get(f"{PROJECT}:setIamPolicy", method="POST", data=body)
    assert status == 400
    assert answer["error"]["message"] == f"Invalid JSON payload received. {words}"
