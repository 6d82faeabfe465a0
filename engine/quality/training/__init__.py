"""Training of staff: what is planned, who attended and passed, and what follows from it (R67, R68)."""
