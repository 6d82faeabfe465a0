"""Personal data: encrypted under a key per person, masked where it is shown, erased with the key."""
