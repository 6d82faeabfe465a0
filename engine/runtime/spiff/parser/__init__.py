"""From drawn XML to specifications: first everything wrong is told at once, then the specifications are built."""
