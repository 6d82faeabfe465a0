"""Training of staff: one's own, the sessions, and who is covered by what (R67, R68)."""
