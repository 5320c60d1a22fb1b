"""What is masked of a Secret, and that nothing of its values is left."""

from __future__ import annotations

from tui.cli.masking import masked
from tui.present.secrets import LAST_APPLIED, is_secret

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "annotations": {LAST_APPLIED: '{"data":{"password":"aHVudGVyMg=="}}', "team": "shop"}},
    "data": {"password": "aHVudGVyMg==", "odd": "not base64"},
    "stringData": {"user": "zoë"},
    "type": "Opaque",
}


def test_every_value_is_masked_and_the_rest_stays() -> None:
    assert masked(SECRET) == SECRET | {
        "metadata": {"name": "db", "annotations": {LAST_APPLIED: "••••", "team": "shop"}},
        "data": {"password": "•••• (7 bytes)", "odd": "••••"},
        "stringData": {"user": "•••• (4 bytes)"},
    }


def test_only_a_secret_is_one() -> None:
    assert is_secret(SECRET)
    assert not is_secret({"apiVersion": "v1", "kind": "ConfigMap"})
    assert not is_secret({"apiVersion": "example.com/v1", "kind": "Secret"})


def test_odd_shapes_are_survived() -> None:
    assert masked({"kind": "Secret", "data": None, "metadata": {"annotations": None}}) == {
        "kind": "Secret",
        "data": None,
        "metadata": {"annotations": None},
    }
