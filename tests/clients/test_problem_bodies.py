"""Whoever wrote a refusal's body, its words are read; and no secret in them is kept."""

from __future__ import annotations

import json

import pytest

from tests.clients.refusing import arm, google, status
from tui.clients.problem_bodies import WORDS_CAP, Writer, read_body


@pytest.mark.parametrize(
    ("body", "writer", "words", "code"),
    [
        (b"", Writer.NOBODY, "", ""),
        (status(403, "Forbidden", "no"), Writer.KUBERNETES, "no", "Forbidden"),
        (google(403, "PERMISSION_DENIED", "no"), Writer.GOOGLE, "no", "PERMISSION_DENIED"),
        (b"[" + google(404, "NOT_FOUND", "gone") + b"]", Writer.GOOGLE, "gone", "NOT_FOUND"),
        (arm("Conflict", "busy"), Writer.ARM, "busy", "Conflict"),
        (b'{"code":"AuthorizationFailed","message":"no"}', Writer.ARM, "no", "AuthorizationFailed"),
        (
            b'{"error":"invalid_grant","error_description":"Token has been expired or revoked."}',
            Writer.OAUTH,
            "Token has been expired or revoked.",
            "invalid_grant",
        ),
        (
            b"generic::failed_precondition: error encountered within the cluster",
            Writer.GENERIC,
            "generic::failed_precondition: error encountered within the cluster",
            "failed_precondition",
        ),
        (b"404 page not found\n", Writer.TEXT, "404 page not found", ""),
        (b'{"kind": "Pod"', Writer.TEXT, '{"kind": "Pod"', ""),
        (b"\xff\xfe\x00", Writer.TEXT, "��", ""),
    ],
)
def test_who_wrote_the_body_and_what_it_says(body: bytes, writer: Writer, words: str, code: str) -> None:
    said = read_body(body)
    assert (said.writer, said.words.rstrip("\x00"), said.code) == (writer, words, code)


def test_a_page_of_googles_front_end_is_read_as_text() -> None:
    page = b"""<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>
    <style>*{margin:0}</style><a href=//www.google.com/><span id=logo></span></a><p><b>404.</b> <ins>An error.</ins>
    <p>The requested URL <code>/v1/x&amp;y</code> was not found on this server.</html>"""
    said = read_body(page)
    assert said.writer is Writer.HTML
    assert said.words.startswith("Error 404 (Not Found)!!1")
    assert "The requested URL /v1/x&y was not found on this server." in said.words
    assert "margin" not in said.words


def test_arm_hides_the_cause_in_details_and_it_is_dug_out() -> None:
    body = {
        "error": {"code": "X", "message": "outer", "details": [{"message": "inner"}], "innererror": {"message": "core"}}
    }
    assert read_body(json.dumps(body).encode()).words == "outer\ninner\ncore"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer ya29.a0AfH6SMBx-abcdefgh",
        "bearer abcdefghijklmnopqrstuvwx",
        "ya29.c.b0AXv0zT",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Basic YW5hOnNlY3JldA==",
    ],
)
def test_tokens_in_a_servers_words_are_blotted_out(secret: str) -> None:
    said = read_body(f"the header was {secret} and it is bad".encode())
    assert secret.split()[-1] not in said.words
    assert said.words.endswith("and it is bad")


def test_words_that_only_speak_of_tokens_stay() -> None:
    said = "Bearer authentication is needed; basic authentication is not offered"
    assert read_body(said.encode()).words == said


def test_words_are_kept_up_to_a_cap() -> None:
    said = read_body(b"x" * 50_000)
    assert len(said.words) == WORDS_CAP
    assert said.words.endswith("…")
