"""Objects as text and back: what goes out comes in again, whatever it holds, and a text made to do harm is refused."""

from __future__ import annotations

import random

import pytest

from tui.changes.yamltext import dump, parse_documents, parse_object
from tui.errors import UsageError

AWKWARD = [
    "", " ", "yes", "on", "No", "null", "~", "true", "1", "1.5", "1e3", "0x1F", "0o17", "017", "1_000", "12:30", "+1",
    "2026-01-02", "2026-01-02T03:04:05Z", ".inf", "<<", "=", "- a", "a: b", "# no comment", "a #b", "'", '"', "{", "[",
    "a\nb", "a\nb\n", "a\n\n\n", "\n", " leading\n  more", "trailing \nx", "tab\there\nand", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07\nsecond", "\r\n", "a\rb", "\u202eright to left", "\u2028\u2029", "🙂 emoji\n🙂", "é" * 5000,
    "[bold]markup[/]", "x" * 100_000, "\ufeffbom", "%directive", "--- \n...", "@at", "`tick`", "!tag", "&anchor",
    "*alias",
]  # fmt: skip


@pytest.mark.parametrize("value", AWKWARD, ids=range(len(AWKWARD)))
def test_every_text_comes_back_as_it_was(value: str) -> None:
    assert parse_object(dump({"k": value, value: "k", "list": [value, {"in": value}]})) == {
        "k": value,
        value: "k",
        "list": [value, {"in": value}],
    }


def test_random_objects_come_back_as_they_were() -> None:
    rng = random.Random(5)
    letters = "ab \n\t:#-?,[]{}'\"&*!|>%@`0123456789.eEx_~=<\x07\x1b\u202e🙂é"

    def value(depth: int) -> object:
        kind = rng.randrange(8 if depth < 4 else 5)
        match kind:
            case 0:
                return rng.choice([True, False, None])
            case 1:
                return rng.randrange(-(10**12), 10**12)
            case 2 | 3 | 4:
                return "".join(rng.choice(letters) for _ in range(rng.randrange(12)))
            case 5:
                return [value(depth + 1) for _ in range(rng.randrange(4))]
            case _:
                return {str(value(9)): value(depth + 1) for _ in range(rng.randrange(4))}

    for _ in range(300):
        made = {"root": value(0)}
        assert parse_object(dump(made)) == made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 2026-01-02", "2026-01-02"),
        ("a: 12:30:45", "12:30:45"),
        ("a: yes", True),
        ("a: 0755", 493),
        ("a: 1e3", 1000.0),
        ("a: ~", None),
        ("a: {1: x, true: y}", {"1": "x", "true": "y"}),
        ("b: &b {x: 1}\na: {<<: *b, x: 2}", {"x": 2}),
        ("base: &b {x: 1}\na: {<<: *b, y: 2}", {"x": 1, "y": 2}),
    ],
)
def test_it_is_read_as_kubectl_reads_it(text: str, value: object) -> None:
    assert parse_object(text)["a"] == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "line"),
        ("a: 1\na: 2", "line 2: the key 'a' is there twice"),
        ("a: !!python/object/apply:os.system [id]", "line 1"),
        ("a: !!binary aGk=", "line 1"),
        ("[" * 500 + "]" * 500, "nested deeper"),
        ("\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10 if n else ['x'])}]" for n in range(12)), "more than"),
        ("a: {[1]: 2}", "a key must be a text"),
        ("a: &a [*a]", "line 1"),
        ("- a", "must hold one object"),
        ("a: 1\n---\nb: 2", "must hold one object"),
        ("", "must hold one object"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_object(text)
    assert words in str(refused.value)


def test_empty_documents_are_none() -> None:
    assert parse_documents("---\n---\na: 1\n---\n# nothing\n") == [{"a": 1}]
