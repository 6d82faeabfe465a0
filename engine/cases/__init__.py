"""The complaint register: registering, importing, regrading, extending, withdrawing, and the milestones."""
