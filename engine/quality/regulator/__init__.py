"""What the regulator is told and asks: major events, inquiries, returns, rectification (R63-R66)."""
