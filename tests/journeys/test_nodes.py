"""Nodes: cordon, uncordon, and a drain with its progress."""

from __future__ import annotations

import re

from tests.journeys.conftest import Sit
from tests.journeys.driver import Person


async def a_node(person: Person) -> str:
    """The last one, in whose list the cursor then is."""
    node: str = (await person.get("nodes"))["items"][-1]["metadata"]["name"]
    await person.list(f"nodes @prod-eu /{node}", "Ready")
    return node


async def closed(person: Person, node: str) -> bool:
    return (await person.get("node", node))["spec"].get("unschedulable", False)


async def test_cordon_and_uncordon_take_each_other_back(sit: Sit) -> None:
    async with sit() as person:
        await person.unlock()
        node = await a_node(person)
        await person.choose("cordon")
        plan = await person.faces(f"cordon node {node} in prod-eu", "+   unschedulable: true")
        assert re.findall(r"^.   ([-+]) ", plan, re.MULTILINE) == ["+"], "nothing else differs"
        await person.carry_out()
        assert await closed(person, node)
        await person.choose("uncordon")
        await person.carry_out("-   unschedulable: true")
        assert not await closed(person, node)
        await person.undo("+   unschedulable: true")
        assert await closed(person, node)
        await person.undo("-   unschedulable: true")
        assert not await closed(person, node)


async def test_a_drain_evicts_and_its_undo_lets_pods_in_again(sit: Sit) -> None:
    async with sit() as person:
        await person.unlock()
        node = await a_node(person)
        await person.choose("drain")
        await person.fill_in("1", *["tab", "right"] * 2, "shift+tab", "shift+tab")
        await person.carry_out(f"drain node {node} in prod-eu")
        assert await closed(person, node)
        left = await person.get("pods", "-A", "--field-selector", f"spec.nodeName={node}")
        owners = {item["metadata"]["ownerReferences"][0]["kind"] for item in left["items"]}
        assert owners <= {"DaemonSet", "Node"}
        await person.undo("-   unschedulable: true")
        assert not await closed(person, node)
