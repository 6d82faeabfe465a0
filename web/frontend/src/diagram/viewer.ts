import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import type { Drawn, Parsed } from "./labels";

/** What we use of diagram-js's services. */
export interface Canvas {
  addMarker(element: string, marker: string): void;
  removeMarker(element: string, marker: string): void;
  zoom(level: number | "fit-viewport", center?: "auto"): number;
  zoom(): number;
  scrollToElement(element: string, padding?: number): void;
}

export interface Registry {
  get(id: string): unknown;
  getGraphics(id: string): SVGElement | undefined;
}

export interface Overlays {
  add(element: string, overlay: { position: Record<string, number>; html: HTMLElement }): string;
}

export interface Viewer {
  get(name: "canvas"): Canvas;
  get(name: "elementRegistry"): Registry;
  get(name: "overlays"): Overlays;
  importXML(xml: string): Promise<{ warnings: unknown[] }>;
  on(event: string, listener: (event: ParseComplete & ElementEvent) => void): void;
}

interface ParseComplete {
  elementsById?: Record<string, Parsed>;
  definitions?: { diagrams?: { plane?: { planeElement?: Drawn[] } }[] };
}

interface ElementEvent {
  element?: { id: string };
}

/** The size of the labels beside shapes, in pixels. */
export const LABEL_SIZE = 12;

/** The font of the page, by its own name. */
export function pageFont(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** A viewer in the page's colours, whether light or dark: they are CSS variables, so a change of theme redraws nothing. */
export function createViewer(container: HTMLElement): Viewer {
  return new NavigatedViewer({
    container,
    bpmnRenderer: {
      defaultFillColor: "var(--bpmn-fill)",
      defaultStrokeColor: "var(--bpmn-stroke)",
      defaultLabelColor: "var(--bpmn-label)",
    },
    // Text is measured on a canvas, which does not know "inherit" and would take another font.
    textRenderer: {
      defaultStyle: { fontFamily: pageFont() },
      externalStyle: { fontSize: LABEL_SIZE },
    },
  } as ConstructorParameters<typeof NavigatedViewer>[0]) as unknown as Viewer;
}
