"""What exec, attach and port-forward ask of a cluster: said before one is opened, and again where it was refused.

Source: "Before you begin" of the Connect gateway's page on these commands (facts: section 3).
"""

from __future__ import annotations

import shlex

CALLED = {"exec": "exec", "attach": "attach", "portforward": "port-forward"}
"""Sub-resources of pods that are streams, and what people call them."""
SINCE = {"exec": (1, 30), "attach": (1, 30), "portforward": (1, 31)}
"""The Kubernetes versions from which each is spoken over WebSocket, and so passes the gateway."""


def granting(stream: str, namespace: str, who: str) -> str:
    """The commands that let `who` ("" = not known) open such streams in a namespace."""
    name = f"clusterview-{stream}"
    subject = shlex.quote(f"--user={who}") if who else "--user=WHO"
    role = f"kubectl create clusterrole {name} --verb=get,create --resource=pods/{stream}"
    bind = f"kubectl create rolebinding {name} --clusterrole={name} {subject} -n {shlex.quote(namespace)}"
    return f"{role} && {bind}"
