"""Pure functions from model values to what is painted: rows, texts, marks and styles. No Textual, no I/O."""
