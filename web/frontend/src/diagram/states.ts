import type { DiagramDefinition, ElementState } from "./definition";
import type { Viewer } from "./viewer";

// A state is never told by colour alone: each has a sign of its own.
const signs: Record<ElementState, string> = {
  done: "✓",
  active: "●",
  failed: "!",
  cancelled: "×",
  added: "+",
  changed: "≠",
  removed: "−",
};

/** Marks what was passed, what waits and what failed; shapes get a sign or their count, flows the colour only. */
export function showStates(viewer: Viewer, { states = {}, counts = {} }: DiagramDefinition): void {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const known = (id: string) => registry.get(id) !== undefined;
  for (const [id, state] of Object.entries(states).filter(([id]) => known(id))) {
    canvas.addMarker(id, `redress-${state}`);
  }
  for (const id of new Set([...Object.keys(states), ...Object.keys(counts)])) {
    if (!known(id) || isFlow(registry.get(id))) continue;
    const state = states[id];
    const text = id in counts ? String(counts[id]) : state && signs[state];
    if (text) viewer.get("overlays").add(id, { position: { top: -10, right: 12 }, html: badge(text, state) });
  }
}

function isFlow(element: unknown): boolean {
  return typeof element === "object" && element !== null && "waypoints" in element;
}

function badge(text: string, state: ElementState | undefined): HTMLElement {
  const element = document.createElement("span");
  element.className = `diagram-badge diagram-badge-${state ?? "plain"}`;
  element.textContent = text;
  element.ariaHidden = "true";
  return element;
}
