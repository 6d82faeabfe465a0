"""Measurements, never pass or fail: `make bench` prints a table and writes var/bench/latest.json."""
