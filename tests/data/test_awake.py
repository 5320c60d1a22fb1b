"""After a sleep of the machine nothing that looks open is believed."""

from __future__ import annotations

import pytest

from tests.clocks import SteppedClock
from tests.data.fakeworld import followed, ref_of, running, small_world
from tui.model.kube import ResourceQuery

GKE_0 = ref_of("projects/acme-1/locations/global/memberships/gke-0", "gke-0")


@pytest.mark.parametrize(("step", "opened"), [(3600.0, 1), (-3600.0, 0), (3.0, 0)])
async def test_a_sleep_opens_quiet_watches_again_at_once(step: float, opened: int) -> None:
    clock = SteppedClock()
    world = small_world(clock)
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (GKE_0,)))):
        await clock.advance(3)  # the watch has been silent for less than would be doubted without the sleep
        kube = world.kube(GKE_0.key)
        watches = kube.asked["watch"]
        clock.step = step
        await clock.advance(2)
        assert kube.asked["watch"] == watches + opened


async def test_a_clock_set_back_makes_everybody_look_once() -> None:
    clock = SteppedClock()
    world = small_world(clock)
    async with running(world) as hub, followed(hub.fleet):
        await clock.advance(20)
        probes = world.kube(GKE_0.key).asked["version"]
        clock.step = -3600.0
        await clock.advance(4)
        assert world.kube(GKE_0.key).asked["version"] == probes + 1
