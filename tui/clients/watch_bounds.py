"""How long a watch of any kind is waited for, and how much of it is taken in at once."""

WATCH_HEADERS = 75.0
"""Seconds until a watch must have been answered: whoever on the way holds headers back until the first byte gets it
with the first bookmark, after a minute."""
GRACE = 30.0
"""Seconds for which more is waited for after the end that the server was asked for."""
LONGEST_LINE = 16 << 20
"""Bytes of one event that are taken in: ten times what an API server stores of one object."""
