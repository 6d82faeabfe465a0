"""Deployed models: what is in force, and deploying a new version."""
