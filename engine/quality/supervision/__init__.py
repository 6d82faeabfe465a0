"""The supervision group's work: inspections of a drawn sample, call-backs, findings (R40-R43)."""
