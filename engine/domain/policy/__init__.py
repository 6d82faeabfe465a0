"""The policy as data: its clauses in our own words, and the terms that it leaves open."""
