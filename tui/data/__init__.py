"""The shared async data layer: every piece of state on screen has one writer here and any number of readers."""
