// <button data-opens="id"> opens the <dialog id>, <button data-closes> closes the one that it stands in. The browser
// keeps the focus inside and gives it back afterwards. <dialog data-open-now> opens with the page: its form was refused.
export function watchDialogs(root: Document): void {
  const refused = root.querySelector<HTMLDialogElement>("dialog[data-open-now]");
  refused?.showModal();
  refused?.querySelector<HTMLElement>("[aria-invalid=true], [data-refused]")?.focus();
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = root.getElementById(opener.dataset["opens"] ?? "");
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    target.closest("[data-closes]")?.closest("dialog")?.close();
  });
}
