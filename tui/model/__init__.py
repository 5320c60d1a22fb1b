"""Frozen values that every layer above the floor speaks in. No I/O, no SDK type, no widget."""
