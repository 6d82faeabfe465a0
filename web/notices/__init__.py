"""Notices to the person who is logged in."""
