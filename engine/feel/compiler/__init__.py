"""A FEEL tree turned into Python closures: compiled once, then called with a scope."""
