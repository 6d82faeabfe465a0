"""The trail: instances, their diagrams and events."""
