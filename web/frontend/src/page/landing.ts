// After a form of the content was sent, the next page is read from what came of it: its message (with what can be
// undone next to it), else the content. Nobody at the keyboard walks through the header again after every step. Who
// has just logged in begins with the header.
const SENT = "form-sent";

export function watchLanding(root: Document): void {
  root.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) markStep(root, event.target as Element);
  });
  land(root);
}

/** The page that follows is what came of `form`, where it is one of the content. */
export function markStep(root: Document, form: Element): void {
  if (root.getElementById("keys") !== null && form.closest("main") !== null) markSent();
}

/** The page that follows is what came of a form. */
export function markSent(): void {
  sessionStorage.setItem(SENT, "1");
}

function land(root: Document): void {
  const sent = sessionStorage.getItem(SENT) !== null;
  sessionStorage.removeItem(SENT);
  // Another target is more precise: the mistakes, a dialog that opened with them, a place that the address names.
  const named = root.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (!sent || named || root.querySelector("[data-error-summary], dialog[open]")) return;
  const target = root.querySelector<HTMLElement>("[data-flash]") ?? root.getElementById("main");
  target?.focus({ preventScroll: true });
}
