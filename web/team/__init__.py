"""A superior's people: who has how much, and giving it to others; who is away."""
