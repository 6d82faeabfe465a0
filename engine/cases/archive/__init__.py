"""The archive of an answered complaint: sealed, kept, held, disposed of (R33-R35)."""
