"""Drawing what has no picture: a plain layered layout, from left to right.

Ours, because the kept library that lays out BPMN in Python (bpmn-io 0.2.2, a port of bpmn-auto-layout) stops
with an error on one of the diagrams of this project, leaves out pools and lanes, and writes the whole file
anew. What is drawn here is plain, and never overlaps; a modeler makes it beautiful.
"""

from engine.models.layout.draw import lay_out

__all__ = ["lay_out"]
