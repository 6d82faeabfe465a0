"""The field's own terms and rules: pure, on the standard library alone."""
