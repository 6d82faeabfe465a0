import { keepPlace } from "./place";

// <... data-poll="20"> asks every 20 seconds, while the page is looked at, whether there is news, and takes over every
// part marked data-poll-part. The server answers 304 where nothing changed, so that no request lasts: there is no
// stream that would hold a worker.
export function watchPoll(root: Document): void {
  const poller = root.querySelector<HTMLElement>("[data-poll]");
  const seconds = Number(poller?.dataset["poll"]);
  if (!seconds) return;
  let etag = "";
  let address = "";
  window.setInterval(() => {
    if (root.visibilityState !== "visible" || isBusy(root)) return;
    if (address !== window.location.href) etag = "";
    address = window.location.href;
    void look(root, etag).then((found) => (etag = found));
  }, seconds * 1000);
}

async function look(root: Document, etag: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(window.location.href, {
      credentials: "same-origin",
      headers: { Accept: "text/html", "X-Poll": "1", ...(etag ? { "If-None-Match": etag } : {}) },
    });
  } catch {
    return etag;
  }
  const now = response.headers.get("ETag") ?? "";
  if (response.status !== 200 || response.redirected || !now || isBusy(root)) return etag;
  // The first answer tells what is on the page already.
  takeOver(root, new DOMParser().parseFromString(await response.text(), "text/html"));
  return now;
}

/** Somebody is filling something in, or has a dialog open: what is under their hands stays. */
function isBusy(root: Document): boolean {
  const active = root.activeElement;
  const typing = active instanceof HTMLInputElement && active.type !== "checkbox";
  const choosing = active instanceof HTMLSelectElement || active?.closest("details[data-row-actions][open]");
  return typing || Boolean(choosing) || root.querySelector("dialog[open], [data-dragging]") !== null;
}

function takeOver(root: Document, news: Document): void {
  const refill = keepFilled(root);
  const goBack = keepPlace(root);
  let changed = false;
  root.querySelectorAll<HTMLElement>("[data-poll-part]").forEach((part) => {
    const fresh = news.getElementById(part.id);
    if (!fresh || comparable(fresh) === comparable(part)) return;
    part.replaceChildren(...Array.from(fresh.childNodes, (node) => root.importNode(node, true)));
    changed = true;
  });
  if (!changed) return;
  refill();
  root.dispatchEvent(new CustomEvent("redress:news"));
  goBack();
  say(root);
}

/** The markup without what differs at every look: form tokens. */
function comparable(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  copy.querySelectorAll("input[name=csrf_token]").forEach((each) => each.remove());
  return copy.innerHTML;
}

/** Remembers the chosen rows and what is to be done with them; the result puts it back into the fresh parts. */
function keepFilled(root: Document): () => void {
  const boxes = () => root.querySelectorAll<HTMLInputElement>("[data-poll-part] input[name=task]");
  const fields = () =>
    root.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
      "[data-poll-part] :is(select, input:not([type=checkbox], [type=hidden]))[id]",
    );
  const chosen = new Set(Array.from(boxes()).filter((box) => box.checked).map((box) => box.value));
  const filled = new Map(Array.from(fields(), (field) => [field.id, field.value]));
  return () => {
    boxes().forEach((box) => (box.checked = chosen.has(box.value)));
    fields().forEach((field) => {
      const value = filled.get(field.id);
      const offered = field instanceof HTMLInputElement || Array.from(field.options, (one) => one.value).includes(value ?? "");
      if (value !== undefined && offered) field.value = value;
    });
  };
}

/** Tells screen readers; the same words again would not be a change. */
function say(root: Document): void {
  const said = root.querySelector<HTMLElement>("[data-poll-said]");
  if (!said) return;
  const text = said.dataset["text"] ?? "";
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}
