"""Alembic's migrations, each named for what it brings."""
