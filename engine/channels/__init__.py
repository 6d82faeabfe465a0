"""Ways in and out of the house: how something is sent, never when."""
