"""How big the tests are that can be as big as is wanted: small in the suite, in full with CLUSTERVIEW_TESTS=full, as
`make nightly` runs them."""

from __future__ import annotations

import os

FULL = os.environ.get("CLUSTERVIEW_TESTS") == "full"
