"""Measurements: ratios within one run, printed as a table and kept in `bench.json`."""
