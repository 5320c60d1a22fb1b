"""What kubectl prints of the recorded objects, held against what it printed of them on the real server."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
import trustme

from tests import recordings
from tests.sim.kubectl import ask, secure_server
from tests.sim.replay import recorded_cluster

pytestmark = [recordings.needed, pytest.mark.real_client]

TEXTS = (
    "api-resources",
    "apply-invalid",
    "delete-missing",
    "describe-crd",
    "describe-gadget",
    "describe-pod",
    "describe-pod-badimage",
    "describe-pod-init",
    "describe-secret",
    "get-missing",
    "logs-waiting",
    "rollout-status",
    "scale-dry",
)
"""Those of objects that were recorded whole, and had not changed when the text was."""


def alike(text: str) -> str:
    """Without what no two servers share, and in the words of the newest kubectl. Events were not recorded whole."""
    text = re.sub(r"^Events:.*?(?=^\[exit)", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"(?<=UID:)\s+[0-9a-f-]{36}|(?<=Resource Version:)\s+\d+", " …", text)
    return text.replace("#success=", "successThreshold=").replace("#failure=", "failureThreshold=")


async def test_kubectl_prints_what_it_printed_of_the_real_server(kubectl: str, tmp_path: Path) -> None:
    recorded = {name: (recordings.FOLDER / "kubectl-text" / f"{name}.txt").read_text() for name in TEXTS}

    async def printed(said: str) -> str:
        asked, _, _ = said.partition("\n")
        code, out, err = await ask(kubectl, tmp_path / "admin", *asked.removeprefix("$ kubectl ").split())
        return f"{asked}\n{out}{err}[exit {code}]\n"

    async with secure_server(recorded_cluster(), trustme.CA(), tmp_path, {"admin": "admin-token"}):
        ours = await asyncio.gather(*map(printed, recorded.values()))
    for name, text in zip(TEXTS, ours, strict=True):
        assert alike(text) == alike(recorded[name]), name
