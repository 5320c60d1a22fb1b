"""The wire protocols that last: log follows (and, with their issues, exec, attach, cp and port-forward)."""
