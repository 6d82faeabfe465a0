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

/** Somebody is filling something in, has a dialog or a menu open: what is under their hands stays. */
function isBusy(root: Document): boolean {
  const active = root.activeElement;
  const typing = active instanceof HTMLInputElement && active.type !== "checkbox";
  return typing || active instanceof HTMLSelectElement || root.querySelector("dialog[open]") !== null;
}

function takeOver(root: Document, news: Document): void {
  const chosen = new Set(
    Array.from(root.querySelectorAll<HTMLInputElement>("[data-poll-part] input[name=task]:checked"), (box) => box.value),
  );
  const focus = focusKey(root);
  let changed = false;
  root.querySelectorAll<HTMLElement>("[data-poll-part]").forEach((part) => {
    const fresh = news.getElementById(part.id);
    if (!fresh || comparable(fresh) === comparable(part)) return;
    part.replaceChildren(...Array.from(fresh.childNodes, (node) => root.importNode(node, true)));
    changed = true;
  });
  if (!changed) return;
  root.querySelectorAll<HTMLInputElement>("[data-poll-part] input[name=task]").forEach((box) => {
    box.checked = chosen.has(box.value);
  });
  root.dispatchEvent(new CustomEvent("redress:news"));
  restoreFocus(root, focus);
  const said = root.querySelector<HTMLElement>("[data-poll-said]");
  if (said) said.textContent = said.dataset["text"] ?? "";
}

/** The markup without what differs at every look: form tokens, and what was said before. */
function comparable(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  copy.querySelectorAll("input[name=csrf_token], [data-poll-said]").forEach((each) => each.remove());
  return copy.innerHTML;
}

function focusKey(root: Document): string | undefined {
  const active = root.activeElement;
  return active?.closest("[data-poll-part]") ? (active.getAttribute("href") ?? active.getAttribute("value") ?? undefined) : undefined;
}

function restoreFocus(root: Document, key: string | undefined): void {
  if (!key) return;
  const same = `[data-poll-part] [href="${CSS.escape(key)}"], [data-poll-part] [value="${CSS.escape(key)}"]`;
  root.querySelector<HTMLElement>(same)?.focus();
}
