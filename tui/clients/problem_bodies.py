"""What the body of a refusal says, whoever wrote it.

The same request can be refused by five different writers: the Kubernetes API server (Status), Google's control plane
(`error` object), Azure Resource Manager (`error` object of another shape), the Connect gateway's data plane
(`generic::code: text`) and Google's front end (an HTML page). kubectl shows the words of the first only
(facts: "kubectl hides Google's error text"), so they are read here, in that order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from tui.clients.json_fields import (
    JsonObject,
    as_list,
    as_object,
    child,
    children,
    integer,
    parse_object,
    string_map,
    text,
)

WORDS_CAP = 2_000
"""Most characters of a server's words that are kept: enough for the longest real message, bounded against a page."""


class Writer(StrEnum):
    """Who wrote the body."""

    KUBERNETES = "kubernetes"
    GOOGLE = "google"
    ARM = "arm"
    OAUTH = "oauth"  # a token endpoint: {"error": "invalid_grant", "error_description": …}
    GENERIC = "generic"
    HTML = "html"
    TEXT = "text"
    NOBODY = "nobody"


class Said(Struct, frozen=True):
    """A refusal, read.

    words: the message, without secrets, at most WORDS_CAP characters. code: Status.reason, Google's status, ARM's
    code or the `generic::` code. reason and metadata: of google.rpc.ErrorInfo. retry_after: seconds, where the body
    itself asks for a wait.
    """

    writer: Writer
    words: str = ""
    code: str = ""
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    retry_after: float | None = None


# Not compiled before the first failure, which most commands never see.
_SECRETS = (
    r"(?i:\b(?:bearer|basic)\s+)(?:[A-Za-z0-9._~+/-]{20,}=*|[A-Za-z0-9+/]{4,}={1,2})"  # an echoed Authorization header
    r"|\bya29\.[A-Za-z0-9._-]+"  # a Google access token
    r"|\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # a JWT
)
_GENERIC = r"(?s)\bgeneric::([a-z_]+):\s*(.*)"
_DROPPED_ELEMENTS = r"(?si)<(script|style|head)\b.*?</\1\s*>"
_TITLE = r"(?si)<title[^>]*>(.*?)</title"
_PAGE_END = "That’s all we know."
_TAG = r"<[^>]*>"


def words(message: str) -> str:
    """`message` as it may be kept and shown: tokens blotted out, surrounding space and excess length cut."""
    blotted = re.sub(_SECRETS, "…", message.strip()[: 4 * WORDS_CAP])
    return blotted if len(blotted) <= WORDS_CAP else blotted[: WORDS_CAP - 1] + "…"


def read_body(body: bytes) -> Said:
    """Who refused and in which words; never raises, whatever the bytes are."""
    content = body[: 1 << 20].decode("utf-8", "replace").strip()
    if not content:
        return Said(Writer.NOBODY)
    obj = _json_object(content)
    if obj is not None:
        return _from_status(obj) or _from_error(obj) or _from_plain(content)
    return _from_plain(content)


def read_status(status: JsonObject) -> Said:
    """The words of a Kubernetes Status that came inside another message (a watch's ERROR event)."""
    return _from_status(status) or Said(Writer.KUBERNETES, words(text(status, "message")), text(status, "reason"))


def _json_object(content: str) -> JsonObject | None:
    """Some Google front ends wrap the error object in an array of one."""
    if content.startswith("["):
        wrapped = parse_object(f'{{"all":{content}}}')
        first = as_list(wrapped["all"])[:1] if wrapped else []
        return as_object(first[0]) if first else None
    return parse_object(content) if content.startswith("{") else None


def _from_status(obj: JsonObject) -> Said | None:
    if text(obj, "kind") != "Status" or text(obj, "apiVersion") not in ("v1", ""):
        return None
    seconds = integer(obj, "details", "retryAfterSeconds")
    message = text(obj, "message") or ", ".join(text(cause, "message") for cause in children(obj, "details", "causes"))
    return Said(
        Writer.KUBERNETES,
        words(message),
        text(obj, "reason"),
        retry_after=float(seconds) if seconds is not None else None,
    )


def _from_error(obj: JsonObject) -> Said | None:
    error = child(obj, "error")
    if error:
        is_google = isinstance(error.get("code"), int) or "status" in error
        return _from_google(error) if is_google else _from_arm(error)
    if isinstance(obj.get("error"), str):
        return Said(Writer.OAUTH, words(text(obj, "error_description")) or text(obj, "error"), text(obj, "error"))
    if isinstance(obj.get("code"), str) and "message" in obj:  # some resource providers leave out the envelope
        return _from_arm(obj)
    return None


def _from_google(error: JsonObject) -> Said:
    info: JsonObject = {}
    retry_after = None
    for detail in children(error, "details"):
        kind = text(detail, "@type")
        if kind.endswith("google.rpc.ErrorInfo") and not info:
            info = detail
        elif kind.endswith("google.rpc.RetryInfo"):
            retry_after = _seconds(text(detail, "retryDelay"))
    return Said(
        Writer.GOOGLE,
        words(text(error, "message")),
        text(error, "status"),
        text(info, "reason"),
        string_map(info, "metadata"),
        retry_after,
    )


def _from_arm(error: JsonObject) -> Said:
    """ARM nests the real cause in `details` or `innererror`; the outer message often says only "see inner"."""
    message = text(error, "message")
    inner = [text(detail, "message") for detail in children(error, "details")]
    inner.append(text(error, "innererror", "message"))
    said = "\n".join([message, *(line for line in inner if line and line not in message)])
    return Said(Writer.ARM, words(said), text(error, "code"))


def _from_plain(content: str) -> Said:
    """The gateway's `generic::` text may stand by itself or inside a page of Google's front end."""
    page = content.startswith("<")
    seen = _html_words(content) if page else content
    generic = re.search(_GENERIC, seen)
    if generic:
        return Said(
            Writer.GENERIC, words(seen[generic.start() :].removesuffix(_PAGE_END) if page else seen), generic[1]
        )
    if page:
        return Said(Writer.HTML, words(seen))
    return Said(Writer.TEXT, words(content))


def _html_words(page: str) -> str:
    import html  # its table of two thousand names is for a page that nearly never comes

    title = re.search(_TITLE, page)
    visible = " ".join(html.unescape(re.sub(_TAG, " ", re.sub(_DROPPED_ELEMENTS, " ", page))).split())
    heading = " ".join(html.unescape(title[1]).split()) if title else ""
    return visible if heading in visible else f"{heading}: {visible}"


def _seconds(duration: str) -> float | None:
    """A protobuf Duration in JSON ("30s", "1.5s")."""
    try:
        return float(duration.removesuffix("s"))
    except ValueError:
        return None
