/** What the server hands to a diagram, as JSON in a <script type="application/json"> inside [data-diagram]. */
export interface DiagramDefinition {
  /** Where the BPMN file is, unless it is here. */
  url?: string;
  /** The BPMN file itself, where it has no address yet. */
  xml?: string;
  /** What the whole shows, for those who do not see it. */
  title?: string;
  /** The state of elements (shapes and flows) by id. */
  states?: Record<string, ElementState>;
  /** How a state is called in the page's language. */
  stateNames?: Partial<Record<ElementState, string>>;
  /** Names in the page's language by element id, in place of the drawn ones and of the drawing's own `label:*`. */
  labels?: Record<string, string>;
  /** The element to begin at, at a size that can be read, instead of the whole. */
  focus?: string;
  /** A number to show on elements: how often passed, how many wait. */
  counts?: Record<string, number>;
}

/** How far an element has come, or what a version does with it. */
export type ElementState = "done" | "active" | "failed" | "cancelled" | "added" | "changed" | "removed";

export function readDefinition(root: HTMLElement): DiagramDefinition {
  const text = root.querySelector('script[type="application/json"]')?.textContent;
  if (!text) throw new Error("[data-diagram] holds no definition: a <script type=application/json> is missing");
  return JSON.parse(text) as DiagramDefinition;
}
