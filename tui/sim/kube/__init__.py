"""A Kubernetes API server good enough for the real kubectl, over objects kept as plain JSON dicts."""
