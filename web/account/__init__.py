"""`/account`: what everybody settles for themselves."""
