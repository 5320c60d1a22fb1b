"""What a person types after `/`, and sees."""

from __future__ import annotations

import pytest

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, running
from tui.clock import ManualClock
from tui.present import guarded
from widgets.prompt import Prompt


async def test_a_filter_asks_a_column_and_what_the_list_does_not_have_is_said() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("status:!Running age:<1d")
        assert story.shows("1 of 5", "nightly-2931")
        await story.press("escape", "slash")
        await story.type("ns:web zone:x")
        assert story.shows('× no column "zone" here, only namespace, name, ready')
        assert story.overview.resources.filter_text == "ns:web zone", "the last filter that made sense holds"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api(", "× missing ), unterminated subpattern at position 3"),
        ("name:api(", "× missing ), unterminated subpattern at position 3"),
        ("restarts:>many-words-that-are-no-number", "× restarts takes 3 or 0.5;"),
        ("zone:x", '× no column "zone" here'),
        ("!", "× nothing behind '!'"),
    ],
)
async def test_at_eighty_columns_the_reason_why_a_filter_is_wrong_can_be_read(text: str, said: str) -> None:
    async with running(states.live(), SMALL) as story:
        await story.press("3", "slash")
        await story.type(text)
        assert story.shows(said)


async def test_a_filter_that_came_with_a_command_is_judged_by_the_list_it_is_for() -> None:
    async with running(states.live()) as story:
        await story.press("colon")
        await story.type("pods /zone:x")
        await story.press("enter")
        assert story.shows('× no column "zone" here', "esc shows all rows again.")


async def test_a_filter_completes_columns_and_their_values() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("sta")
        assert story.shows("▌ status:", "column")
        await story.press("tab")
        assert story.shows("▌ Running", "4 rows", "Completed", "status: text  !not")
        await story.press("down", "tab")
        line = story.overview.query_one(Prompt)
        assert line.input.value == "status:Completed "
        assert story.shows("1 of 5")
        await story.type("x:")
        assert story.shows('× no column "x" here')
        await story.press("enter")
        assert story.overview.query(Prompt), "what is no filter stays, for whoever typed it to see"
        await story.press("backspace", "backspace", "enter")
        assert not story.overview.query(Prompt)
        assert story.overview.resources.filter_text == "status:Completed"


async def test_help_is_inside_the_filter_line_and_follows_the_cursor() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash", "question_mark")
        assert story.shows("age:<1h restarts:>3", "fuzzy: these letters in this order", "5 · ● live")
        await story.press("backspace")
        await story.type("age:<9d web")
        assert story.shows("enter keep")
        await story.press("left", "left", "left", "left")
        assert story.shows("age: <younger")
        await story.press("escape", "4", "slash", "question_mark")
        assert story.shows("fuzzy: these letters")
        assert not story.shows("status:!Running")


async def test_filter_narrows_while_typing_and_esc_takes_it_away() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("front")
        assert story.shows("2 of 5", "/front")
        assert not story.shows("ledger-0")
        await story.press("enter")
        assert story.overview.focused is story.overview.resources.table
        assert story.shows("2 of 5"), "enter keeps the filter"
        await story.press("escape")
        assert story.shows("ledger-0")
        assert not story.shows("/front")


async def test_a_filter_that_hides_everything_says_so() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("nowhere")
        assert story.shows("Nothing matches; 5 rows are hidden. esc shows them again.", "0 of 5")


async def test_a_wrong_filter_is_explained_and_the_rows_stay() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("api(")
        assert story.shows("unterminated subpattern at position 3: not a valid regular", "api-7c9f6d-x2f1p")


async def test_inverse_and_label_filters() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("!Running")
        assert story.shows("1 of 5", "nightly-2931")
        await story.press("escape", "slash")
        await story.type("-l app=ledger")
        assert story.shows("1 of 5", "ledger-0")


async def test_a_filter_in_fleets_matches_labels_and_cells() -> None:
    async with running(states.live()) as story:
        await story.press("slash")
        await story.type("-l env=prod")
        assert story.shows("2 of 6 memberships")
        assert not story.shows("edge-042")


async def test_faults_only_shows_what_needs_a_person() -> None:
    async with running(states.live()) as story:
        await story.press("down", "3", "ctrl+z")
        assert story.shows("2 of 3", "faults only", "CrashLoop", "Pending")
        await story.press("escape")
        assert story.shows("ledger-0")


async def test_what_completes_leaves_the_count_to_be_seen() -> None:
    async with running(states.live(), SMALL) as story:
        await story.press("3", "slash")
        await story.type("sta")
        assert story.shows("▌ status:", "0 of 5 · ● live ─╯")
        await story.press("tab")
        assert story.shows("▌ Running", "Completed", "5 · ● live ─╯")
        await story.press("escape", "colon")
        await story.type("fle")
        assert story.shows("▌ fleets", "5 · ● live ─╯")


@pytest.mark.parametrize("size", [SMALL, BIG], ids=["80x24", "120x40"])
async def test_logs_of_a_cluster_that_is_waited_for_are_loading(size: tuple[int, int]) -> None:
    async with running(FakeHub(ManualClock(world.NOW)), size) as story:
        await story.press("4")
        assert story.shows("Waiting for the first cluster…", "… loading")
        assert not story.shows("nothing to follow")


@pytest.mark.parametrize(
    ("way", "key"), [(("3",), "slash"), (("down", "down", "4"), "slash"), (("down", "down", "4"), "F")]
)
async def test_a_pattern_that_takes_too_long_is_given_up_and_that_is_said(
    way: tuple[str, ...], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "ENOUGH", 0.0)
    monkeypatch.setattr(guarded, "ON_AVERAGE", 0.0)
    async with running(states.live(), (160, 40)) as story:
        await story.press(*way, "z", key)
        await story.type("(a|aa)+")
        await story.press("enter")
        await story.advance(1)
        assert story.shows(guarded.TOO_SLOW)
        await story.press("escape")
        assert not story.shows(guarded.TOO_SLOW)
