"""What comes in by every channel, and who looks at it (R4-R8)."""
