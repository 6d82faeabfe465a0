"""The task lists and one task with its form."""
