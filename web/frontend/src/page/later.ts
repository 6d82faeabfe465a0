// <details data-later="URL" data-assets='["x.css", "y.js"]'> gets its content when it is opened for the first time, and
// the entries of the bundle that draw it: a page pays for a diagram only when somebody looks at it.
export function watchLater(root: Document): void {
  root.querySelectorAll<HTMLDetailsElement>("details[data-later]").forEach((details) => {
    details.addEventListener("toggle", () => void open(details), { once: true });
  });
}

async function open(details: HTMLDetailsElement): Promise<void> {
  const place = details.querySelector("[data-later-place]");
  const url = details.dataset["later"];
  if (!place || !url) return;
  const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) return;
  place.innerHTML = await response.text();
  for (const asset of JSON.parse(details.dataset["assets"] ?? "[]") as string[]) document.head.append(element(asset));
}

function element(asset: string): HTMLElement {
  if (asset.endsWith(".css")) return Object.assign(document.createElement("link"), { rel: "stylesheet", href: asset });
  return Object.assign(document.createElement("script"), { type: "module", src: asset });
}
