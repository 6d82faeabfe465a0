// Single keys: parts/keys.html lists them. They do nothing while somebody types, and can be turned off (WCAG 2.1.4).
const OFF = "keys-off";
const ROWS = "[data-row], .table-list tbody tr, .notices > li";
/** Where the actions of a page are, the most particular first. */
const ACTIONS = [".task-actions button", ".toolbar :is(button, a.btn)", ".bulk select", ".page-head :is(button, a.btn)"];

export function watchKeys(root: Document): void {
  const dialog = root.getElementById("keys");
  if (!(dialog instanceof HTMLDialogElement)) return;
  const choice = dialog.querySelector<HTMLInputElement>("[data-keys-on]");
  if (choice) {
    choice.checked = localStorage.getItem(OFF) === null;
    choice.addEventListener("change", () => {
      if (choice.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
  }
  let going = false;
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || root.querySelector("dialog[open]")) return;
    if (localStorage.getItem(OFF) !== null && event.key !== "?") return;
    const act = going ? clicking(marked(root, "go", event.key)) : action(root, dialog, event.key);
    going = !going && event.key === "g";
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element || element.isContentEditable) return element !== null;
  if (element instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit", "file"].includes(element.type);
  return element.closest("textarea, select, .djs-container, .fjs-container") !== null;
}

function action(root: Document, dialog: HTMLDialogElement, key: string): (() => void) | undefined {
  switch (key) {
    case "?":
      return () => dialog.showModal();
    case "/":
      return focusing(marked(root, "key", "/") ?? first(root, ["[role=search] input:not([type=hidden])", ".filters :is(input:not([type=hidden]), select)"]));
    case "j":
      return focusing(row(root, 1));
    case "k":
      return focusing(row(root, -1));
    case "x":
      return clicking(current(root)?.querySelector<HTMLElement>("input[type=checkbox]"));
    case "c": // of a list only the row that one is at: nobody claims a task that they did not look at
      return clicking(current(root)?.querySelector<HTMLElement>("[data-row-claim]") ?? root.querySelector<HTMLElement>("[data-claim]"));
    case "a":
      return unfolding(current(root)?.querySelector("details[data-row-actions]")) ?? focusing(first(root, ACTIONS));
    case "m":
      return focusing(root.querySelector<HTMLElement>("#comment-text"));
    default:
      return clicking(marked(root, "key", key));
  }
}

function marked(root: Document, kind: "go" | "key", key: string): HTMLElement | null {
  return root.querySelector<HTMLElement>(`[data-${kind}="${CSS.escape(key)}"]`);
}

function first(root: Document, places: string[]): HTMLElement | undefined {
  for (const place of places) {
    const found = Array.from(root.querySelectorAll<HTMLElement>(place)).find((each) => each.checkVisibility());
    if (found) return found;
  }
  return undefined;
}

function focusing(element: HTMLElement | null | undefined): (() => void) | undefined {
  return element ? () => element.focus() : undefined;
}

function clicking(element: HTMLElement | null | undefined): (() => void) | undefined {
  return element ? () => element.click() : undefined;
}

function unfolding(details: Element | null | undefined): (() => void) | undefined {
  if (!(details instanceof HTMLDetailsElement)) return undefined;
  return () => {
    details.open = true;
    details.querySelector<HTMLElement>("select, button")?.focus();
  };
}

function current(root: Document): Element | undefined {
  return root.activeElement?.closest(ROWS) ?? undefined;
}

function row(root: Document, step: number): HTMLElement | undefined {
  const rows = Array.from(root.querySelectorAll(ROWS)).filter((each) => lead(each));
  const at = rows.findIndex((each) => each === current(root));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  return next && lead(next);
}

/** The link that a row is about; where it has none, what can be done with it. */
function lead(of: Element): HTMLElement | undefined {
  return of.querySelector<HTMLElement>("[data-row-link]") ?? of.querySelector<HTMLElement>("a[href], button") ?? undefined;
}
