"""Two objects in one frame: over each whose it is and how true that is, below them what is different, all live."""

from __future__ import annotations

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.model.feed import Feed
from tui.model.objects import Body, Held, ObjectRef
from tui.model.secrets import is_secret
from tui.present.comparing import Look, count_words, head_of, left_out, lines_of, names_of, patch
from tui.present.object import instead, status_of, title_of
from tui.present.pairing import Pair, differences, paired
from tui.present.pairrows import MIDDLE, SIGNS, Cell, Entry, PairRows, entries, note_cells, one_sided, unread
from tui.present.parts import Part, fit
from tui.present.problems import Line
from tui.present.states import Shown
from tui.present.yamltext import YamlLine
from widgets.ink import ink, line_of
from widgets.reading import reading
from widgets.text_view import TextView

PACE = 0.1
"""Seconds from one repaint to the next, however often the objects change."""
WIDE = 100
"""Columns of the screen from which both stand beside each other, unless a person says otherwise."""
FRAME = 2
PADDING = 1

Both = tuple[ObjectRef, ObjectRef]


class DifferenceText(TextView):
    """A text of which `n` and `N` go from difference to difference."""

    class Wanted(Message):
        """Another difference is to be gone to."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def action_next(self, step: int) -> None:
        self.post_message(self.Wanted(step))


class CompareView(Vertical):
    """Follows both objects for as long as it is there."""

    DEFAULT_CSS = """
    CompareView {
        border: round $border;
        border-title-color: $text-primary;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        height: 1fr;
        #heads { height: auto; padding: 0 1; }
        TextView { height: 1fr; padding: 0 0 0 1; }
    }
    """

    class Painted(Message):
        """It says something else now; for header and key bar."""

    def __init__(self, hub: DataLayer, clock: Clock, refs: Both) -> None:
        super().__init__()
        self.refs = refs
        self.look = Look()
        self.everything = False
        """Whether also what is far from a difference is shown."""
        self.columns: bool | None = None
        """Beside each other, or one below the other; None: as the width allows."""
        self.body_view = DifferenceText()
        self._hub = hub
        self._clock = clock
        self._heads = Static(id="heads", markup=False)
        self._feeds: list[Feed[Held]] = [Feed(), Feed()]
        self._texts: tuple[tuple[Body | None, Body | None, Look], tuple[list[YamlLine], list[YamlLine]]] | None = None
        self._pairs: list[Pair] | None = None
        self._gone: tuple[str, ...] = ()
        self._places: list[tuple[int, int]] = []
        self._here = -1
        self._rows = PairRows((), 80)

    def compose(self) -> ComposeResult:
        yield self._heads
        yield self.body_view

    def on_mount(self) -> None:
        self.aim(self.refs)

    def aim(self, refs: Both) -> None:
        """Compare these two from now on, from the top."""
        self.refs = refs
        self._feeds = [Feed(), Feed()]
        self._texts = self._pairs = None
        self._here = -1
        self._follow(0, refs[0])
        self._follow(1, refs[1])
        self.compare(from_top=True)

    def see(self, *, nature: bool | None = None, secrets: bool | None = None) -> None:
        """Look at them another way."""
        self.look = Look(
            self.look.nature if nature is None else nature, self.look.secrets if secrets is None else secrets
        )
        self.compare()

    def _follow(self, side: int, ref: ObjectRef) -> None:
        self.run_worker(self._read(side, ref), exclusive=True, group=f"side-{side}")

    async def _read(self, side: int, ref: ObjectRef) -> None:
        # By name alone: whoever has the name is compared, and all who look at it share one watch.
        topic = self._hub.object(ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name))
        async with reading(topic) as feeds:
            async for feed in feeds:
                self._feeds[side] = feed
                self.compare()
                await self._clock.sleep(PACE)

    # What is compared ----------------------------------------------------------------------------------------------

    @property
    def bodies(self) -> tuple[Body | None, Body | None]:
        first, second = (feed.value.body if feed.value is not None else None for feed in self._feeds)
        return first, second

    @property
    def holds_secret(self) -> bool:
        return any(body is not None and is_secret(body) for body in self.bodies)

    @work(exclusive=True, group="compare")
    async def compare(self, *, from_top: bool = False) -> None:
        """Write and match the texts, where they are others than those that were; in a thread, for each may be a
        megabyte."""
        bodies = self.bodies
        held = self._texts
        if held is None or held[0][0] is not bodies[0] or held[0][1] is not bodies[1] or held[0][2] != self.look:
            names, gone = names_of(self.refs), dict[str, None]()
            texts: list[list[YamlLine]] = []
            for side, body in enumerate(bodies):
                other, name = bodies[1 - side], names[1 - side]
                lines, left = await asyncio.to_thread(lines_of, body, other, name, self.look) if body else ([], ())
                texts.append(lines)
                gone.update(dict.fromkeys(left))
            pairs = await asyncio.to_thread(paired, *texts) if None not in bodies else None
            self._texts, self._gone = ((*bodies, self.look), (texts[0], texts[1])), tuple(gone)
            self._pairs, self._places = pairs, differences(pairs or ())
            self._here = min(self._here, len(self._places) - 1)
        self.paint(from_top=from_top)

    @property
    def differs(self) -> bool:
        return bool(self._places)

    # Painting ------------------------------------------------------------------------------------------------------

    @property
    def beside(self) -> bool:
        """Whether both stand beside each other."""
        return self.columns if self.columns is not None else self.screen.size.width >= WIDE

    def tick(self) -> None:
        """A second has passed: ages go on."""
        self._reframe(self._clock.now())
        if self._pairs is None:  # what stands there says when it is tried again
            self.paint()

    def paint(self, *, from_top: bool = False) -> None:
        if not self.is_mounted:
            return
        now = self._clock.now()
        self._reframe(now)
        width = max(24, self.body_view.scrollable_content_region.width)
        self._rows = PairRows(self._entries(width, now), width, self._here)
        self.body_view.show_rows(self._rows, from_top=from_top)
        self.post_message(self.Painted())

    def _entries(self, width: int, now: float) -> list[Entry]:
        columns = self.beside
        if self._pairs is None or self._texts is None:
            notes = [instead(ref, feed, now) for ref, feed in zip(self.refs, self._feeds, strict=True)]
            if notes[0] and notes[1]:
                return unread((notes[0], notes[1]), columns=columns, width=width)
            right = bool(notes[1])
            texts = self._texts[1] if self._texts is not None else ((), ())
            return one_sided(
                texts[0 if right else 1], notes[1] if right else notes[0], columns=columns, width=width, right=right
            )
        stale = [status_of(feed, now).shown in (Shown.STALE, Shown.FAILED) for feed in self._feeds]
        made = entries(self._pairs, columns=columns, everything=self.everything, dim=(stale[0], stale[1]))
        said = left_out(self._gone)
        if not self._places:
            made = [Entry("", (Cell("They are the same.", "heading"),)), Entry("", (Cell(""),)), *made]
        if said:
            made.append(Entry("", (Cell(""),)))
            made += [Entry("", (cell,)) for cell in note_cells([Line(said, "dim")], width - SIGNS)]
        return made

    def _reframe(self, now: float) -> None:
        room = max(8, self.size.width - FRAME - 2 * PADDING)
        signs = ("", "") if self.beside else ("- ", "+ ")
        heads = [head_of(ref, feed, now, sign) for ref, feed, sign in zip(self.refs, self._feeds, signs, strict=True)]
        if self.beside:
            half = (self.body_view.scrollable_content_region.width - MIDDLE) // 2 if self.size.width else room
            left = line_of(fit(heads[0], half))
            gap = ink(" " * max(1, half + MIDDLE - left.cell_length))
            self._heads.update(Content.assemble(left, gap, line_of(fit(heads[1], half))))
        else:
            self._heads.update(Content("\n").join([line_of(fit(head, room)) for head in heads]))
        title = [ink(f"{title_of(self.refs[0])}  ")]
        if self._pairs is not None:
            title.append(line_of([count_words(len(self._places), self._here)]))
        elif any(self.bodies):
            title.append(ink("only one of the two", "warn"))
        self.border_title = Content.assemble(*title)  # pyright: ignore[reportAttributeAccessIssue]
        parts = [
            Part("values shown" if self.look.secrets and self.holds_secret else "", "warn", 0),
            Part("everything" if self.look.nature else "without what differs by nature", "dim", 1),
        ]
        self.border_subtitle = line_of(fit(parts, room))  # pyright: ignore[reportAttributeAccessIssue]

    def on_resize(self) -> None:
        self.compare()

    def on_text_view_resized(self, message: TextView.Resized) -> None:
        message.stop()
        self.compare()

    def on_difference_text_wanted(self, message: DifferenceText.Wanted) -> None:
        message.stop()
        if self._places:
            if self._here < 0:
                self._here = -1 if message.step < 0 else 0
            else:
                self._here += message.step
            self._here %= len(self._places)
            self._rows.here = self._here
            self.body_view.reveal(self._rows.first_row(self._here))
            self.body_view.refresh()
            self._reframe(self._clock.now())

    @property
    def text(self) -> str:
        """For copying: the differences as a patch; of one that is alone, its text."""
        if self._texts is None:
            return ""
        left, right = self._texts[1]
        if self._pairs is None:
            return "".join(f"{line.text}\n" for line in left or right)
        return patch(self.refs, left, right)
