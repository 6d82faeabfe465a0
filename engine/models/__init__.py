"""Reading, and refusing, what people draw: diagrams, decisions, forms."""
