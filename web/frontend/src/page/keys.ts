// Single keys: parts/keys.html lists them. They do nothing while somebody types, and can be turned off (WCAG 2.1.4).
const OFF = "keys-off";

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
    const act = going ? goTo(root, event.key) : action(root, dialog, event.key);
    going = !going && event.key === "g";
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element || element.isContentEditable) return element !== null;
  if (element instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(element.type);
  return element.closest("textarea, select, .djs-container, .fjs-container") !== null;
}

function goTo(root: Document, key: string): (() => void) | undefined {
  const link = root.querySelectorAll<HTMLElement>(".frame-nav a")[Number(key) - 1];
  return link && (() => link.click());
}

function action(root: Document, dialog: HTMLDialogElement, key: string): (() => void) | undefined {
  switch (key) {
    case "?":
      return () => dialog.showModal();
    case "/":
      return focusing(root.querySelector<HTMLElement>('[data-key="/"], [role=search] input:not([type=hidden])'));
    case "j":
      return focusing(row(root, 1));
    case "k":
      return focusing(row(root, -1));
    case "x":
      return clicking(current(root)?.querySelector<HTMLElement>("input[type=checkbox]"));
    case "c":
      return clicking((current(root) ?? root).querySelector<HTMLElement>("[data-row-claim], [data-claim]"));
    case "a":
      return focusing(root.querySelector<HTMLElement>(".task-actions button, .toolbar button, .bulk select, .page-head .btn"));
    case "m":
      return focusing(root.querySelector<HTMLElement>("#comment-text"));
    case "n":
      return clicking(root.querySelector<HTMLElement>('[data-key="n"]'));
    default:
      return undefined;
  }
}

function focusing(element: HTMLElement | null | undefined): (() => void) | undefined {
  return element ? () => element.focus() : undefined;
}

function clicking(element: HTMLElement | null | undefined): (() => void) | undefined {
  return element ? () => element.click() : undefined;
}

function current(root: Document): Element | undefined {
  return root.activeElement?.closest("[data-row]") ?? undefined;
}

function row(root: Document, step: number): HTMLElement | undefined {
  const rows = Array.from(root.querySelectorAll("[data-row]"));
  const at = rows.findIndex((each) => each === current(root));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  return next?.querySelector<HTMLElement>("[data-row-link]") ?? undefined;
}
