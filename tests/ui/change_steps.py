"""The first steps of many stories of changes: to the list of deployments, to the journal, and what a person may do."""

from __future__ import annotations

from tests.ui import changes_world as cw
from tests.ui.fake import FakeHub
from tests.ui.run import Story
from tui.model.changes import Action, Permission
from tui.present.actions import deed_of, questions


async def deployments(story: Story, of: str = "") -> None:
    """To the list of deployments: of the cluster under the cursor, or of those that match."""
    await story.press("colon")
    await story.type(f"deploy {of}".strip())
    await story.press("enter")


def allow(hub: FakeHub, *, but: Action | None = None) -> None:
    """Answers for every question about the deployments of both clusters; but: an action that is forbidden."""
    for action in Action:
        try:
            deed = deed_of(action)
        except StopIteration:
            continue
        for name in cw.NAMES:
            for question in questions(deed, [cw.ref_of(name)]):
                no = Permission(False, "no role of yours allows it")
                if action is but:
                    hub.changes.answers[question] = no
                else:
                    hub.changes.answers.setdefault(question, Permission(True))


async def journal(story: Story) -> None:
    await story.press("colon")
    await story.type("journal")
    await story.press("enter")
