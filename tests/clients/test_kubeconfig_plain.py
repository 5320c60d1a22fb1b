"""Plain entries are read as the kubernetes package reads them; what is not plain is left to it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tui.clients.kubeconfig import load_with_sdk
from tui.clients.kubeconfig_files import Entry
from tui.clients.kubeconfig_plain import plain_access

PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
DATA = base64.b64encode(PEM).decode()
SERVER: dict[str, object] = {"server": "https://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({}, {}),
        ({"certificate-authority-data": DATA}, {"token": "abc"}),
        ({"insecure-skip-tls-verify": True}, {"token": " two  words "}),
        ({"tls-server-name": "x", "extensions": []}, {"client-certificate-data": DATA, "client-key-data": DATA}),
        ({"certificate-authority": "ca.pem"}, {"client-certificate": "ca.pem", "client-key": "ca.pem"}),
    ],
)
def test_the_same_as_the_package(cluster: dict[str, object], user: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(PEM)
    held = {key: str(tmp_path / "ca.pem") if value == "ca.pem" else value for key, value in cluster.items()} | SERVER
    who = {key: str(tmp_path / "ca.pem") if value == "ca.pem" else value for key, value in user.items()}
    plain = plain_access(held, who)
    assert plain is not None
    assert plain == load_with_sdk(Entry("c", held, "f"), Entry("u", who, "f"))


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({}, {"username": "a", "password": "b"}),
        ({}, {"auth-provider": {"name": "oidc"}}),
        ({}, {"token": ""}),
        ({}, {"token": ["x"]}),
        ({"certificate-authority-data": "not base64!"}, {}),
        ({"certificate-authority-data": 7}, {}),
        ({"certificate-authority": "/no/such/file"}, {}),
        ({"certificate-authority": ""}, {}),
        ({"certificate-authority": "/etc/hostname", "certificate-authority-data": DATA}, {}),
        ({}, {"client-certificate-data": DATA}),
        ({"api-version": "v1"}, {}),
    ],
)
def test_what_is_not_plain_is_left_to_the_package(cluster: dict[str, object], user: dict[str, object]) -> None:
    assert plain_access(cluster | SERVER, user) is None


def test_what_others_read_of_a_user_does_not_matter_here() -> None:
    found = plain_access(SERVER, {"exec": {"command": "x"}, "as": "somebody"})
    assert found is not None
    assert found[0].headers == ()
