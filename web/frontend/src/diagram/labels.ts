import { LABEL_SIZE, pageFont, type Viewer } from "./viewer";

/** An element as the parser reads it; what stands in a namespace that it does not know is kept as `$children`. */
export interface Parsed {
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
  bounds?: Bounds;
  label?: { bounds?: Bounds };
}

// A label of several words gets lines about this long.
const LINE_WIDTH = 80;

/**
 * Draws the names of the page's language: those that the page hands over, else the element's own `label:<language>`
 * (flows, lanes and pools have them too). They must be set before the shapes are drawn.
 */
export function rename(viewer: Viewer, labels: Record<string, string>, language: string): void {
  viewer.on("import.parse.complete", ({ elementsById = {}, definitions }) => {
    for (const [id, element] of Object.entries(elementsById)) {
      const label = labels[id] ?? ownLabel(element, language);
      if (label) element.name = label;
    }
    for (const drawn of (definitions?.diagrams ?? []).flatMap((diagram) => diagram.plane?.planeElement ?? [])) {
      if (drawn.bpmnElement?.name) widen(drawn.label?.bounds, drawn.bpmnElement.name, drawn.bounds);
    }
  });
}

function ownLabel({ extensionElements }: Parsed, language: string): string | undefined {
  const properties = (extensionElements?.values ?? [])
    .filter(({ $type }) => $type === "zeebe:properties")
    .flatMap(({ $children }) => $children ?? []);
  return properties.find(({ name }) => name === `label:${language}`)?.value;
}

/**
 * Gives a label room for its longest word: it was drawn for another font, or for two Chinese characters. One that
 * stands beside its shape grows away from it, others about their middle.
 */
function widen(bounds: Bounds | undefined, text: string, shape: Bounds | undefined): void {
  const context = document.createElement("canvas").getContext("2d");
  if (!bounds || !context) return;
  context.font = `${LABEL_SIZE}px ${pageFont()}`;
  const widths = [LINE_WIDTH, ...text.split(/\s+/).map((word) => context.measureText(word).width)];
  const wanted = Math.ceil(Math.min(Math.max(...widths), context.measureText(text).width)) + 2;
  const more = wanted - bounds.width;
  if (more <= 0) return;
  if (shape && bounds.x + bounds.width <= shape.x) bounds.x -= more;
  else if (!shape || bounds.x < shape.x + shape.width) bounds.x -= more / 2;
  bounds.width = wanted;
}
