"""Redress: complaint handling as BPMN, without any knowledge of the web."""
