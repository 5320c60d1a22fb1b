"""Which Kubernetes objects a Service Connector connection should have made in its cluster.

The names are Service Connector's own (the CLI computes the same ones; facts: "Kubernetes side"): a Secret per
connection, and for a managed identity one ServiceAccount, shared by all connections of that identity in the namespace.
"""

from __future__ import annotations

import re

from tui.model.connection import ExpectedObject, Linker


def expected_objects(linker: Linker) -> tuple[ExpectedObject, ...]:
    """The objects of `linker`, none of them looked for yet.

    With the Key Vault CSI driver no ServiceAccount is made: the driver's own identity reads the vault.
    """
    objects = [ExpectedObject("Secret", linker.namespace, secret_name(linker.name))]
    if linker.auth_type == "userAssignedIdentity" and linker.client_id and not linker.csi:
        objects.append(ExpectedObject("ServiceAccount", linker.namespace, f"sc-account-{linker.client_id}"))
    return tuple(objects)


def secret_name(connection: str) -> str:
    """The Secret of a connection. Everything but letters and digits is dropped, so that `storage_1` and `storage-1`
    share one; Kubernetes names are lower case."""
    return f"sc-{re.sub(r'[^A-Za-z0-9]', '', connection).lower()}-secret"
