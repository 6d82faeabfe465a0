"""What customers do without an account: complain, see how their case stands, say how satisfied they are."""
