import type { Viewer } from "./viewer";

/** An element as the parser reads it; what stands in a namespace that it does not know is kept as `$children`. */
export interface Parsed {
  id?: string;
  name?: string;
  extensionElements?: { values?: Extension[] };
}

interface Extension {
  $type: string;
  name?: string;
  value?: string;
  $children?: Extension[];
}

interface Bounds {
  x: number;
  width: number;
}

/** A shape or an edge of the drawing. */
export interface Drawn {
  bpmnElement?: Parsed;
  label?: { bounds?: Bounds };
}

// Room for a long word of a Latin script. A label drawn for three Chinese characters is narrower, and such a word
// would be broken in two.
const LEAST_WIDTH = 96;

/**
 * Draws the names of the page's language: those that the page hands over, else the element's own `label:<language>`
 * (flows, lanes and pools have them too). They must be set before the shapes are drawn.
 */
export function rename(viewer: Viewer, labels: Record<string, string>, language: string): void {
  const renamed = new Set<string>();
  viewer.on("import.parse.complete", ({ elementsById = {}, definitions }) => {
    for (const [id, element] of Object.entries(elementsById)) {
      const label = labels[id] ?? ownLabel(element, language);
      if (!label || label === element.name) continue;
      element.name = label;
      renamed.add(id);
    }
    for (const drawn of (definitions?.diagrams ?? []).flatMap((diagram) => diagram.plane?.planeElement ?? [])) {
      if (drawn.bpmnElement?.id && renamed.has(drawn.bpmnElement.id)) widen(drawn.label?.bounds);
    }
  });
}

function ownLabel({ extensionElements }: Parsed, language: string): string | undefined {
  const properties = (extensionElements?.values ?? [])
    .filter(({ $type }) => $type === "zeebe:properties")
    .flatMap(({ $children }) => $children ?? []);
  return properties.find(({ name }) => name === `label:${language}`)?.value;
}

/** Gives a label room for a word, about the same middle. */
function widen(bounds: Bounds | undefined): void {
  if (!bounds || bounds.width >= LEAST_WIDTH) return;
  bounds.x -= (LEAST_WIDTH - bounds.width) / 2;
  bounds.width = LEAST_WIDTH;
}
