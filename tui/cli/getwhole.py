"""`clusterview get -o json|yaml`: whole objects of one or many clusters as one document, written as they come.

What fails in the middle is said on stderr and in the exit code, and the document is ended all the same: whoever reads
it gets what there was.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing

from msgspec import Struct

from tui.cli.asked import asked
from tui.cli.choosing import chosen_clusters
from tui.cli.documents import ListWriter, listed, write_document
from tui.cli.logout import Output
from tui.cli.output import say
from tui.cli.session import opened
from tui.cli.wholelists import Piece
from tui.cli.wholereading import Reading
from tui.clients.kube_whole import read_object
from tui.model.bodies import obj
from tui.model.cluster import ClusterRef
from tui.model.objects import Body
from tui.model.secrets import is_secret, masked_words, sealed


class _Form(Struct):
    """several: an object says its cluster; shown: values of Secrets as they are. managed: managed fields too, which
    kubectl leaves out as well. masked: some values were."""

    writer: ListWriter
    several: bool
    shown: bool
    managed: bool
    masked: bool = False

    def bodies(self, piece: Piece) -> list[Body]:
        """The objects as they are to be printed. For a thread: it takes some milliseconds a megabyte."""
        return [self._body(piece, read_object(raw, piece.listed)) for raw in piece.objects]

    def texts(self, piece: Piece) -> list[str]:
        """The same, written. For a thread."""
        return [self.writer.item(self._body(piece, read_object(raw, piece.listed))) for raw in piece.objects]

    def _body(self, piece: Piece, body: Body) -> Body:
        if not self.shown and is_secret(body):
            body, self.masked = sealed(body, masked_words), True
        metadata = obj(body, "metadata")
        if not self.managed and "managedFields" in metadata:
            body = {**body, "metadata": {key: metadata[key] for key in metadata if key != "managedFields"}}
        return {"cluster": piece.ref.name, **body} if self.several else body


async def print_whole(arguments: argparse.Namespace) -> int:
    """Returns the exit code."""
    targets = asked(arguments.what, arguments.selector)
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        writer = ListWriter(session.form, terminal=sys.stdout.isatty())
        form = _Form(writer, len(chosen.clusters) > 1, arguments.show_secrets, arguments.show_managed_fields)

        async def texts(piece: Piece) -> list[str]:
            return await asyncio.to_thread(form.texts, piece)

        async def bodies(piece: Piece) -> list[Body]:
            return await asyncio.to_thread(form.bodies, piece)

        if len(targets) == 1 and targets[0].name and len(chosen.clusters) == 1:
            one = Reading(session, arguments, targets, bodies)
            async with aclosing(one.results(chosen.clusters)) as results:
                found = [body async for _, some in results for body in some]
            if found:  # several where the name is asked for in several kinds
                write_document(found[0] if len(found) == 1 else listed(found), session.form, sys.stdout)
            code = one.finish()
        else:
            several = Reading(session, arguments, targets, texts)
            await _print(several, chosen.clusters, writer)
            code = several.finish()
        if form.masked:
            say("values of Secrets are masked: --show-secrets shows them")
        return chosen.exit_code(code)


async def _print(reading: Reading[list[str]], clusters: Sequence[ClusterRef], writer: ListWriter) -> None:
    """The document, begun with the first answer, so that there is none where nobody answers."""
    output = Output()
    begun = False
    async with aclosing(reading.results(clusters)) as results:
        async for _, some in results:
            await output.write((("" if begun else writer.begin()) + writer.items(some)).encode())
            begun = True
    await output.write(writer.end().encode() if begun else b"")
    await output.flush()
