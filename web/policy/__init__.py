"""The policy's clauses, its versions, and the terms that it leaves open."""
