"""The periodic report: drafted from frozen figures, commented and signed by people (R51-R53)."""
