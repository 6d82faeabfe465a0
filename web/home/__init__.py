"""The front door: where `/` leads, and whether the server is up."""
