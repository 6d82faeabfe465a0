import type { Viewer } from "./viewer";

/** The server's list of steps beside a diagram: items with data-element="<element id>". */
export class StepList {
  private readonly items: HTMLElement[];
  private shown: string | undefined;

  constructor(
    root: HTMLElement,
    private readonly viewer: Viewer,
  ) {
    this.items = Array.from(root.querySelectorAll<HTMLElement>("[data-element]"));
    const registry = viewer.get("elementRegistry");
    for (const item of this.items) {
      const id = item.dataset["element"] ?? "";
      if (!registry.get(id)) continue;
      item.addEventListener("pointerenter", () => this.show(id, false));
      item.addEventListener("focusin", () => this.show(id, true));
      item.addEventListener("click", () => this.show(id, true));
    }
  }

  /** Element ids in the order of the list, each once. */
  get order(): string[] {
    return [...new Set(this.items.map((item) => item.dataset["element"] ?? ""))];
  }

  /** Highlights an element in the diagram; `scroll` brings it into view. */
  show(id: string, scroll: boolean): void {
    const canvas = this.viewer.get("canvas");
    if (this.shown) canvas.removeMarker(this.shown, "redress-chosen");
    canvas.addMarker(id, "redress-chosen");
    if (scroll) canvas.scrollToElement(id, 80);
    this.shown = id;
  }

  /** Goes from an element of the diagram to its step: the last one, where it was passed more than once. */
  goTo(id: string): void {
    const item = this.items.filter((each) => each.dataset["element"] === id).at(-1);
    if (!item) return;
    const target = item.querySelector<HTMLElement>("a, button") ?? item;
    if (target === item) item.tabIndex = -1;
    target.focus();
    item.scrollIntoView({ block: "nearest" });
  }
}
