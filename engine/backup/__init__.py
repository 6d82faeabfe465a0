"""One folder that holds an installation as it was at one moment, and the way back from it."""
