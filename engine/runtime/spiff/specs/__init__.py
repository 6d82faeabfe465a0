"""The specifications that the tokens run: the library's, with our semantics in front."""
