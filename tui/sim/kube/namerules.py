"""What names, labels, keys and ports may look like: k8s.io/apimachinery/pkg/util/validation, with its texts.

Each rule returns what is wrong with a text: "" is nothing.
"""

from __future__ import annotations

import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_OLD_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"


def _form(said: str, pattern: str, *examples: str) -> str:
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{said} (e.g. {listed}regex used for validation is '{pattern}')"


def dns_subdomain(text: str) -> str:
    """RFC 1123, at most 253: the name of most objects."""
    if len(text) > 253:
        return "must be no more than 253 characters"
    if re.fullmatch(_SUBDOMAIN, text):
        return ""
    return _form(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        "start and end with an alphanumeric character",
        _SUBDOMAIN,
        "example.com",
    )


def dns_label(text: str) -> str:
    """RFC 1123, at most 63: namespaces, containers, volumes."""
    if len(text) > 63:
        return "must be no more than 63 characters"
    if re.fullmatch(_LABEL, text):
        return ""
    return _form(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
        "end with an alphanumeric character",
        _LABEL,
        "my-name",
        "123-abc",
    )


def dns_1035_label(text: str) -> str:
    """RFC 1035, at most 63: services."""
    if len(text) > 63:
        return "must be no more than 63 characters"
    if re.fullmatch(_OLD_LABEL, text):
        return ""
    return _form(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        "character, and end with an alphanumeric character",
        _OLD_LABEL,
        "my-name",
        "abc-123",
    )


def path_segment(text: str) -> str:
    """What can stand in a URL: the names of roles and bindings."""
    if text in (".", ".."):
        return f"may not be '{text}'"
    for mark in "/%":
        if mark in text:
            return f"may not contain '{mark}'"
    return ""


def qualified_name(text: str) -> str:
    """A label's or an annotation's key: an optional DNS prefix, a slash and a name."""
    said = _form(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        "character",
        _QUALIFIED,
        "MyName",
        "my.name",
        "123-abc",
    )
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return f"a valid label key {said} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    if slash and not prefix:
        return "prefix part must be non-empty"
    if slash and dns_subdomain(prefix):
        return f"prefix part {dns_subdomain(prefix)}"
    if not name:
        return "name part must be non-empty"
    if len(name) > 63:
        return "name part must be no more than 63 bytes"
    return "" if re.fullmatch(_QUALIFIED, name) else f"name part {said}"


def label_value(text: str) -> str:
    if len(text) > 63:
        return "must be no more than 63 bytes"
    if re.fullmatch(_LABEL_VALUE, text):
        return ""
    return _form(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        "start and end with an alphanumeric character",
        _LABEL_VALUE,
        "MyValue",
        "my_value",
        "12345",
    )


def config_key(text: str) -> str:
    """A key of a ConfigMap or Secret, which becomes a file's name."""
    if len(text) > 253:
        return "must be no more than 253 characters"
    if not re.fullmatch(_CONFIG_KEY, text):
        return _form(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            _CONFIG_KEY,
            "key.name",
            "KEY_NAME",
            "key-name",
        )
    if text in (".", ".."):
        return f"must not be '{text}'"
    return "must not start with '..'" if text.startswith("..") else ""


def environment_name(text: str) -> str:
    if all(" " <= character <= "~" and character != "=" for character in text):
        return ""
    return "a valid environment variable name must consist only of printable ASCII characters other than '='"


def port_number(value: object) -> str:
    if isinstance(value, int) and 1 <= value <= 65535:
        return ""
    return "must be between 1 and 65535, inclusive"


def port_name(text: str) -> str:
    """An IANA service name: at most 15 of [a-z0-9-], a letter among them."""
    if len(text) > 15:
        return "must be no more than 15 characters"
    if not re.fullmatch("[-a-z0-9]+", text):
        return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not re.search("[a-z]", text):
        return "must contain at least one letter (a-z)"
    if "--" in text:
        return "must not contain consecutive hyphens"
    return "must not begin or end with a hyphen" if text.startswith("-") or text.endswith("-") else ""
