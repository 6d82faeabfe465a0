"""What FEEL computes with: numbers, dates and times, durations, ranges and functions."""
