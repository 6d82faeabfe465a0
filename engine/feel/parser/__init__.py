"""A FEEL text read into a tree."""
