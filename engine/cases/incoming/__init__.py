"""What customers send by mail: taken in as a case or as part of one, never lost, never twice (R4, R7)."""
