"""What happens after the commit and without a person: jobs of the outbox, and timers that are due."""
