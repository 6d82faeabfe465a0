// A BPMN diagram with the states of one instance, or with counts: README.md tells what the page must hold.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./styles/diagram.css";
import "./styles/changes.css";

import { readDefinition, type DiagramDefinition } from "./diagram/definition";
import { makeReachable } from "./diagram/keyboard";
import { rename } from "./diagram/labels";
import { showStates } from "./diagram/states";
import { StepList } from "./diagram/steps";
import { createViewer, type Canvas, type Viewer } from "./diagram/viewer";

/** The scale at which the text of a diagram can just be read. */
const READABLE = 0.75;
const WITH_MARGIN = 0.96;

async function open(root: HTMLElement): Promise<void> {
  const definition = readDefinition(root);
  const container = root.querySelector<HTMLElement>("[data-diagram-canvas]");
  if (!container) throw new Error("[data-diagram] holds no [data-diagram-canvas]");
  const text = definition.xml ?? (await load(definition.url ?? ""));
  const viewer = createViewer(container);
  rename(viewer, definition.labels ?? {}, document.documentElement.lang);
  await viewer.importXML(text);
  place(viewer, definition);
  describe(container, definition);
  showStates(viewer, definition);
  connect(root, viewer, definition);
  watchZoom(root, viewer);
  root.dataset["ready"] = "true";
}

async function load(url: string): Promise<string> {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`the diagram at ${url} was answered with ${response.status}`);
  return response.text();
}

function place(viewer: Viewer, { focus }: DiagramDefinition): void {
  const canvas = viewer.get("canvas");
  const whole = fit(canvas);
  if (!focus || !viewer.get("elementRegistry").get(focus)) return;
  canvas.zoom(Math.max(whole, READABLE), "auto");
  canvas.scrollToElement(focus, 120);
}

/** Show the whole drawing, with a margin: bpmn-js's own fit lets the outermost shapes touch the edge. */
function fit(canvas: Canvas): number {
  const whole = canvas.zoom("fit-viewport", "auto");
  return whole < 1 ? canvas.zoom(whole * WITH_MARGIN, "auto") : whole;
}

function describe(container: HTMLElement, { title }: DiagramDefinition): void {
  const drawing = container.querySelector("svg");
  drawing?.setAttribute("role", "group");
  if (title) drawing?.setAttribute("aria-label", title);
}

function connect(root: HTMLElement, viewer: Viewer, definition: DiagramDefinition): void {
  const list = document.querySelector<HTMLElement>(root.dataset["steps"] ?? "[data-diagram-steps]");
  const steps = list ? new StepList(list, viewer) : undefined;
  const order = steps?.order ?? Object.keys(definition.states ?? {});
  makeReachable(viewer.get("elementRegistry"), order, definition, (id) => steps?.goTo(id));
  viewer.on("element.click", ({ element }) => element && steps?.goTo(element.id));
}

/** Buttons with data-diagram-zoom="in", "out" or "fit". */
function watchZoom(root: HTMLElement, viewer: Viewer): void {
  const canvas = viewer.get("canvas");
  root.querySelectorAll<HTMLElement>("[data-diagram-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      const way = button.dataset["diagramZoom"];
      if (way === "fit") fit(canvas);
      else canvas.zoom(Math.min(Math.max(canvas.zoom() * (way === "in" ? 1.25 : 0.8), 0.2), 4), "auto");
    });
  });
}

document.querySelectorAll<HTMLElement>("[data-diagram]").forEach((root) => {
  open(root).catch((error: unknown) => {
    // The list of steps beside the diagram says the same: the page stays of use, and says what it lacks.
    root.dataset["ready"] = "failed";
    root.querySelector<HTMLElement>("[data-diagram-error]")?.removeAttribute("hidden");
    console.error(error);
  });
});
