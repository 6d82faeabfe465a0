"""`/archive`: sealed archives, legal holds, disposal."""
