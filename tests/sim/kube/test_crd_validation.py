"""Custom objects that break their schema: what the server says, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.gadgets import Obj, definition, gadget
from tui.sim.kube import crd
from tui.sim.kube.status import ApiError


@recordings.needed
def test_a_refusal_is_the_recorded_one() -> None:
    recording = recordings.load("error-422-crd")
    (made,) = recordings.load("list-crds").body["items"]
    with pytest.raises(ApiError) as refused:
        crd.validate(made, "v1", recording.request["body"])
    assert refused.value.status() == recording.body


def refusals(schema: Obj, value: Any) -> list[str]:
    """What the server says of spec.v, as "field: message"."""
    try:
        crd.validate(definition({"v": schema}), "v1", gadget(v=value))
    except ApiError as error:
        details = error.details or {}
        return [f"{cause['field']}: {cause['message']}" for cause in details["causes"]]
    return []


def typed(name: str, **more: Any) -> Obj:
    return {"type": name, **more}


INTEGER = typed("integer")
STRING = typed("string")
PORT_OR_NAME: Obj = {"x-kubernetes-int-or-string": True, "anyOf": [INTEGER, STRING]}
KEYED: Obj = typed(
    "array",
    items=typed("object", properties={"name": STRING}),
    **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
)


@pytest.mark.parametrize(
    ("schema", "good", "bad", "said"),
    [
        (INTEGER, 3, "x", 'Invalid value: "string": spec.v in body must be of type integer: "string"'),
        (INTEGER, 3.0, 1.5, 'Invalid value: "number": spec.v in body must be of type integer: "number"'),
        (INTEGER, 0, True, 'Invalid value: "boolean": spec.v in body must be of type integer: "boolean"'),
        (typed("number"), 3, [], 'Invalid value: "array": spec.v in body must be of type number: "array"'),
        (STRING, "", None, 'Invalid value: "null": spec.v in body must be of type string: "null"'),
        (typed("object"), {}, 1, 'Invalid value: "integer": spec.v in body must be of type object: "integer"'),
        (PORT_OR_NAME, 80, {}, 'Invalid value: "object": spec.v in body must be of type integer,string: "object"'),
        (PORT_OR_NAME, "http", 1.5, 'Invalid value: "number": spec.v in body must be of type integer,string: "number"'),
        (typed("integer", minimum=1), 1, 0, "Invalid value: 0: spec.v in body should be greater than or equal to 1"),
        (
            typed("number", minimum=1.0, exclusiveMinimum=True),
            1.5,
            1,
            "Invalid value: 1: spec.v in body should be greater than 1",
        ),
        (typed("integer", maximum=9), 9, 10, "Invalid value: 10: spec.v in body should be less than or equal to 9"),
        (
            typed("integer", maximum=9, exclusiveMaximum=True),
            8,
            9,
            "Invalid value: 9: spec.v in body should be less than 9",
        ),
        (typed("number", multipleOf=0.1), 0.3, 0.25, "Invalid value: 0.25: spec.v in body should be a multiple of 0.1"),
        (typed("string", minLength=2), "ab", "a", 'Invalid value: "a": spec.v in body should be at least 2 chars long'),
        (typed("string", maxLength=1), "a", "ab", "Too long: may not be more than 1 byte"),
        (
            typed("string", pattern="^[a-z]+$"),
            "abc",
            "A",
            "Invalid value: \"A\": spec.v in body should match '^[a-z]+$'",
        ),
        (
            typed("string", enum=["red", "blue"]),
            "red",
            "pink",
            'Unsupported value: "pink": supported values: "red", "blue"',
        ),
        (typed("integer", enum=[1, 2]), 1, 3, 'Unsupported value: 3: supported values: "1", "2"'),
        (typed("array", maxItems=1), [1], [1, 2], "Too many: 2: must have at most 1 item"),
        (typed("array", minItems=2), [1, 2], [1], "Invalid value: 1: spec.v in body should have at least 2 items"),
        (typed("object", maxProperties=2), {}, {"a": 1, "b": 2, "c": 3}, "Too many: 3: must have at most 2 items"),
        (
            typed("object", minProperties=1),
            {"a": 1},
            {},
            "Invalid value: 1: spec.v in body should have at least 1 properties",
        ),
    ],
)
def test_violations_are_told_in_the_server_s_words(schema: Obj, good: Any, bad: Any, said: str) -> None:
    assert refusals(schema, good) == []
    assert refusals(schema, bad) == [f"spec.v: {said}"]


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        (typed("object", required=["a"], properties={"a": STRING}), {}, ["spec.v.a: Required value"]),
        (
            typed("array", items=INTEGER),
            [1, "x"],
            ['spec.v[1]: Invalid value: "string": spec.v[1] in body must be of type integer: "string"'],
        ),
        (
            typed("object", additionalProperties=INTEGER),
            {"k": "x"},
            ['spec.v.k: Invalid value: "string": spec.v.k in body must be of type integer: "string"'],
        ),
        (
            typed("array", items=STRING, **{"x-kubernetes-list-type": "set"}),
            ["a", "b", "a"],
            ['spec.v[2]: Duplicate value: "a"'],
        ),
        (KEYED, [{"name": "a"}, {"name": "a"}], ['spec.v[1]: Duplicate value: {"name":"a"}']),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {"a": 1, "b": 2},
            [
                '<nil>: Invalid value: "": "spec.v" must validate one and only one schema (oneOf). '
                "Found 2 valid alternatives"
            ],
        ),
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]},
            {},
            [
                '<nil>: Invalid value: "": "spec.v" must validate at least one schema (anyOf)',
                "spec.v.a: Required value",
            ],
        ),
        (
            {"allOf": [{"required": ["a"]}, {"minProperties": 0}]},
            {},
            [
                "spec.v.a: Required value",
                '<nil>: Invalid value: "": "spec.v" must validate all the schemas (allOf)',
            ],
        ),
        (
            {"not": {"required": ["a"]}},
            {"a": 1},
            ['<nil>: Invalid value: "": "spec.v" must not validate the schema (not)'],
        ),
    ],
)
def test_violations_deeper_and_of_compositions(schema: Obj, value: Any, said: list[str]) -> None:
    assert refusals(schema, value) == said


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-11-22T01:00:00.5+02:00", "2026-11-22"),
        ("date", "2026-11-22", "2026-13-01"),
        ("duration", "1h30m", "long"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "fd00::1", "10.0.0.1"),
        ("cidr", "10.0.0.1/24", "10.0.0.1"),
        ("uuid", "1da9b676-dda4-43aa-8061-d507d62c4e06", "1da9"),
        ("mac", "00:1a:2b:3c:4d:5e", "00:1a"),
        ("byte", "YQ==", "Y"),
    ],
)
def test_formats_that_the_server_checks(name: str, good: str, bad: str) -> None:
    schema = typed("string", format=name)
    assert refusals(schema, good) == []
    assert refusals(schema, bad) == [f'spec.v: Invalid value: "{bad}": spec.v in body must be of type {name}: "{bad}"']


def test_what_the_server_does_not_check_is_not_refused() -> None:
    assert refusals(typed("string", format="unheard-of"), "x") == []
    assert refusals(typed("string", pattern=r"\p{Greek}"), "x") == []  # Go's syntax, not Python's
    assert refusals(typed("string", nullable=True), None) == []
    crd.validate(definition(schema=None), "v1", gadget(v=1))
    crd.validate(definition({"v": INTEGER}), "v9", gadget(v="x"))


def test_several_violations_are_one_refusal_that_names_the_kind_and_the_object() -> None:
    schema = {"a": typed("integer", minimum=1), "b": STRING}
    with pytest.raises(ApiError) as refused:
        crd.validate(definition(schema), "v1", gadget(a=0, b=5))
    status = refused.value.status()
    assert status["reason"] == "Invalid"
    assert status["message"].startswith('Gadget.example.com "g" is invalid: [spec.a: Invalid value: 0: spec.a in body')
    assert status["message"].endswith(
        ', spec.b: Invalid value: "integer": spec.b in body must be of type string: "integer"]'
    )
    assert status["details"]["group"] == "example.com"
    assert status["details"]["kind"] == "Gadget"
    assert [cause["reason"] for cause in status["details"]["causes"]] == ["FieldValueInvalid", "FieldValueTypeInvalid"]
