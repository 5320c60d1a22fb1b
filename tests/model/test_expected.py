"""The objects that a connection should have made."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.model.connection import Linker
from tui.model.expected import expected_objects

LINKER = Linker("id", "storage_1", "cluster", namespace="pay")


@pytest.mark.parametrize(
    ("linker", "objects"),
    [
        (replace(LINKER, auth_type="secret"), ["Secret/pay/sc-storage1-secret"]),
        (replace(LINKER, auth_type="servicePrincipalSecret", client_id="c"), ["Secret/pay/sc-storage1-secret"]),
        (
            replace(LINKER, auth_type="userAssignedIdentity", client_id="c-1"),
            ["Secret/pay/sc-storage1-secret", "ServiceAccount/pay/sc-account-c-1"],
        ),
        (replace(LINKER, auth_type="userAssignedIdentity", csi=True), ["Secret/pay/sc-storage1-secret"]),
        (replace(LINKER, auth_type="userAssignedIdentity", client_id=""), ["Secret/pay/sc-storage1-secret"]),
        (LINKER, ["Secret/pay/sc-storage1-secret"]),
        (replace(LINKER, name="Storage-1"), ["Secret/pay/sc-storage1-secret"]),
    ],
)
def test_the_objects_follow_from_name_namespace_and_auth(linker: Linker, objects: list[str]) -> None:
    found = expected_objects(linker)
    assert [f"{one.kind}/{one.namespace}/{one.name}" for one in found] == objects
    assert all(one.present is None for one in found)
