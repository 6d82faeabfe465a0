"""Running what is drawn: the only room that imports SpiffWorkflow, and the one transaction of a step."""
