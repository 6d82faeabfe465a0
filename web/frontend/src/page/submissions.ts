// A second click on a slow submit does nothing. The button stays focusable, so that no screen reader loses its place.
export function watchSubmissions(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented) return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
  });
  // Back from the next page, the form may be sent again.
  window.addEventListener("pageshow", () => {
    root.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));
  });
}
