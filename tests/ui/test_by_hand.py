"""What each pane and each change is by hand, in the commands of kubectl, gcloud and az."""

from __future__ import annotations

import pytest

from tests.ui import changes_world as cw
from tests.ui import states, world
from tests.ui.change_steps import deployments, journal
from tests.ui.run import running


async def test_a_plan_can_be_made_by_hand() -> None:
    hub = cw.unlocked()
    hub.changes.commands = ("kubectl --context prod-eu delete deployment api",)
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "K")
        assert story.shows("The change", "kubectl --context prod-eu delete deployment api")


async def test_the_journal_is_there_by_hand_too() -> None:
    hub = cw.hub()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press("K")
        assert story.shows(
            "kubectl --context connectgateway_acme-1_europe-west1_prod-eu get deployments.apps api -n web"
        )


@pytest.mark.parametrize(
    ("pane", "said"),
    [
        ("1", "gcloud container fleet memberships get-credentials prod-eu --location=europe-west1 --project=acme-1"),
        ("2", "az aks connection show --connection orders-blob -g rg-shop -n aks-1"),
        ("3", "kubectl --context connectgateway_acme-1_europe-west1_prod-eu get pods -A"),
    ],
)
async def test_every_pane_says_how_it_is_done_by_hand(pane: str, said: str) -> None:
    async with running(states.live()) as story:
        await story.press(pane, "K")
        assert story.shows("The same by hand", said)
        await story.press("c")
        assert story.shows("copied")


async def test_logs_by_hand_are_one_command_for_each_stream() -> None:
    async with running(states.live()) as story:
        await story.press("down", "down", "4", "K")
        assert story.shows(
            "kubectl --context connectgateway_acme-1_global_plant-7 logs", "-c gke-connect-agent --tail=100"
        )
