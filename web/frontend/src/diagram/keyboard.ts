import type { DiagramDefinition } from "./definition";
import type { Registry } from "./viewer";

/**
 * Lets the keyboard and a screen reader reach the elements that have a state: one tab stop for the diagram, arrow
 * keys from element to element in the given order, Enter to `choose`.
 */
export function makeReachable(
  registry: Registry,
  order: string[],
  { labels = {}, states = {}, stateNames = {} }: DiagramDefinition,
  choose: (id: string) => void,
): void {
  const shapes = order.flatMap((id) => {
    const graphics = registry.getGraphics(id);
    return graphics ? [{ id, graphics }] : [];
  });
  shapes.forEach(({ id, graphics }, index) => {
    const state = states[id];
    const name = labels[id] ?? drawnName(registry.get(id)) ?? id;
    graphics.setAttribute("role", "button");
    graphics.setAttribute("tabindex", index === 0 ? "0" : "-1");
    graphics.setAttribute("aria-label", state ? `${name}, ${stateNames[state] ?? state}` : name);
    graphics.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" || event.key === " ") choose(id);
      else if (step === undefined) return;
      else move(index, step);
      // The viewer would scroll the canvas at the same keys.
      event.preventDefault();
      event.stopPropagation();
    });
  });

  function move(from: number, step: number): void {
    const target = shapes[Math.min(Math.max(from + step, 0), shapes.length - 1)];
    shapes.forEach(({ graphics }) => graphics.setAttribute("tabindex", graphics === target?.graphics ? "0" : "-1"));
    target?.graphics.focus();
  }
}

function drawnName(element: unknown): string | undefined {
  return (element as { businessObject?: { name?: string } } | undefined)?.businessObject?.name;
}
