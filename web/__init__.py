"""The pages and the API of Redress, on Flask."""
