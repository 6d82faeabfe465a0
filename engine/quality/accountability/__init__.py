"""Accountability files: who shirked, delayed or fobbed off answers for it, by due process (R49, R50)."""
