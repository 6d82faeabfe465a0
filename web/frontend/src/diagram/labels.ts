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
  y: number;
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

/** A shape or an edge of the drawing. */
export interface Drawn {
  bpmnElement?: Parsed;
  bounds?: Bounds;
  label?: { bounds?: Bounds };
  /** The corners of an edge. */
  waypoint?: Point[];
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
      if (drawn.bpmnElement?.name && drawn.label?.bounds) fit(drawn.label.bounds, drawn.bpmnElement.name, drawn);
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
 * stands beside its shape or a line grows away from it, one above them upwards, others about their middle.
 */
function fit(label: Bounds, text: string, { bounds: shape, waypoint = [] }: Drawn): void {
  const measure = measuring();
  if (!measure) return;
  const line = shape ? undefined : nearest(label, waypoint);
  const least = Math.max(...text.split(/\s+/).map(measure));
  const most = Math.max(least, line && isLevel(line) ? Math.min(LINE_WIDTH, length(line) - 12) : LINE_WIDTH);
  const beside = shape ?? (line && !isLevel(line) ? box(line) : undefined);
  const above = shape ?? (line && isLevel(line) ? box(line) : undefined);
  const isAbove = above !== undefined && label.y + label.height <= above.y + 2;
  widen(label, Math.ceil(Math.min(most, measure(text))) + ROOM, beside);
  if (isAbove) label.y = Math.min(label.y, above.y - 2 - LINE_HEIGHT * lines(text, label.width, measure));
}

function widen(label: Bounds, wanted: number, beside: Bounds | undefined): void {
  const more = wanted - label.width;
  if (more <= 0) return;
  const middle = label.x + label.width / 2;
  if (beside && label.x + label.width <= beside.x + 1) label.x -= more;
  else if (!beside || (label.x < beside.x + beside.width && middle < beside.x + beside.width)) label.x -= more / 2;
  label.width = wanted;
}

/** What the drawing's own measure may differ by from ours. */
const ROOM = 6;
const LINE_HEIGHT = LABEL_SIZE * 1.2;

/** How many lines a text takes in this width. */
function lines(text: string, width: number, measure: (text: string) => number): number {
  let [count, line] = [1, ""];
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && measure(longer) > width) [count, line] = [count + 1, word];
    else line = longer;
  }
  return count;
}

function measuring(): ((text: string) => number) | undefined {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return undefined;
  context.font = `${LABEL_SIZE}px ${pageFont()}`;
  return (text) => context.measureText(text).width;
}

type Line = [Point, Point];

function isLevel([from, to]: Line): boolean {
  return from.y === to.y;
}

function length([from, to]: Line): number {
  return Math.abs(from.x - to.x) + Math.abs(from.y - to.y);
}

function box([from, to]: Line): Bounds {
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  return { x, y, width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) };
}

/** The part of an edge that a label stands nearest to. */
function nearest(label: Bounds, corners: Point[]): Line | undefined {
  const [x, y] = [label.x + label.width / 2, label.y + label.height / 2];
  const away = (line: Line): number => {
    const of = box(line);
    return Math.hypot(
      Math.max(of.x - x, 0, x - of.x - of.width),
      Math.max(of.y - y, 0, y - of.y - of.height),
    );
  };
  const parts = corners.slice(1).map((corner, index): Line => [corners[index] ?? corner, corner]);
  return parts.sort((one, other) => away(one) - away(other))[0];
}
