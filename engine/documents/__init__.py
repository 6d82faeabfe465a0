"""Files that people hand in: checked by content, encrypted on disk under a key each, opened by id."""
