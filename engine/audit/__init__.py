"""The trail: appending to it, sealing it, proving it, handing it out."""

from engine.audit.append import SYSTEM_STREAM, Entry, Head, append, chain, note

__all__ = ["SYSTEM_STREAM", "Entry", "Head", "append", "chain", "note"]
