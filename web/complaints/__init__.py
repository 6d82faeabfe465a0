"""The complaint register, registration, and the page of a case."""
