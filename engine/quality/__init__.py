"""Measuring how complaints are handled: figures with the cases behind them (R44-R47)."""
