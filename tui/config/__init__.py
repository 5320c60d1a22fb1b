"""Settings: what they are, where they lie, and how they are read."""
