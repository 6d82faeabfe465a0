"""The commands of `redress`, by subject. They print; everything that they do is a verb of the engine."""
