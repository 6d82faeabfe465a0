"""Improvement measures: a root cause, a metric, a target, somebody who answers for it, and its effect
(R54-R59).
"""
