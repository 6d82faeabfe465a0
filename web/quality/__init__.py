"""Quality: inspections, findings, measures, accountability."""
