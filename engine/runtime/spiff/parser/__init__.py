"""From drawn XML to specifications; everything that is wrong is told at once."""
