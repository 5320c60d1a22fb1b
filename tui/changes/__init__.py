"""Changes to clusters: planned, tried, confirmed, carried out, written down, and taken back where that can be."""
