"""One's own matters: being away, and how to be told of things."""
