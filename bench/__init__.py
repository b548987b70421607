"""Benchmarks: ratios against a named peer, run side by side."""
