"""Benchmarks: the same work done by clusterview and by the tool people use today, interleaved, in one run.

No test asserts a time; `make bench` prints a table of medians and ratios for a person to read.
"""
