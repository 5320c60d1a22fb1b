"""When a container has run for the last time, from its pod as the API server writes it."""

from __future__ import annotations

from typing import Any

import pytest

from tui.data.podparts import containers_of, finished
from tui.model.objects import Body


def pod(phase: str = "Running", policy: str = "Always", **exits: int | None) -> Body:
    """One with the init containers `init` and `proxy` and the container `web`; exits: code of those that ended."""

    def status(name: str) -> dict[str, Any]:
        code = exits.get(name)
        return {"name": name, "state": {"running": {}} if code is None else {"terminated": {"exitCode": code}}}

    document: dict[str, Any] = {
        "spec": {
            "restartPolicy": policy,
            "containers": [{"name": "web"}],
            "initContainers": [{"name": "init"}, {"name": "proxy", "restartPolicy": "Always"}],
        },
        "status": {
            "phase": phase,
            "containerStatuses": [status("web")],
            "initContainerStatuses": [status("init"), status("proxy")],
        },
    }
    return document


@pytest.mark.parametrize(
    ("container", "held", "over"),
    [
        ("", pod(), False),
        ("", pod("Succeeded", web=0), True),
        ("", pod("Failed"), True),
        ("web", pod(web=0), False),  # restarted, whatever it ended with
        ("web", pod(policy="OnFailure", web=0), True),
        ("web", pod(policy="OnFailure", web=1), False),
        ("web", pod(policy="Never", web=1), True),
        ("init", pod(init=0), True),
        ("init", pod(init=1), False),
        ("init", pod(policy="Never", init=1), True),
        ("proxy", pod(proxy=0), False),
        ("nosuch", pod(web=0), False),
    ],
)
def test_has_run_for_the_last_time(container: str, held: Body, over: bool) -> None:
    assert finished(held, container) is over


def test_an_ephemeral_container_is_never_run_again() -> None:
    ended = {"name": "debugger", "state": {"terminated": {"exitCode": 1}}}
    held = pod()
    held["spec"]["ephemeralContainers"] = [{"name": "debugger"}]
    held["status"]["ephemeralContainerStatuses"] = [ended]
    assert finished(held, "debugger")
    assert containers_of(held) == ("init", "proxy", "web", "debugger")


def test_of_a_pod_that_is_none_nothing_is_known() -> None:
    assert containers_of({}) == ()
    assert not finished({"spec": {"containers": "x"}, "status": {"containerStatuses": [7]}}, "web")
