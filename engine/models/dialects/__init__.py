"""One reader for each dialect of BPMN extensions; all yield `ElementProperties`."""
