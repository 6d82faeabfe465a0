// <form data-bulk> with checkboxes elsewhere on the page that name it by form="...": all at once, how many are chosen,
// and only the fields that the chosen action takes.
export function watchBulk(root: Document): void {
  root.addEventListener("change", (event) => {
    const changed = event.target as HTMLElement;
    const all = changed.closest<HTMLInputElement>("[data-bulk-all]");
    if (all) boxes(root).forEach((box) => (box.checked = all.checked));
    refresh(root);
  });
  root.addEventListener("redress:news", () => refresh(root));
  document.addEventListener("htmx:after:swap", () => refresh(root));
  refresh(root);
}

function boxes(root: Document): HTMLInputElement[] {
  return Array.from(root.querySelectorAll<HTMLInputElement>('input[type=checkbox][form="bulk"]'));
}

function refresh(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("[data-bulk]");
  if (!form) return;
  const count = boxes(root).filter((box) => box.checked).length;
  const said = form.querySelector("[data-bulk-count]");
  if (said) said.textContent = count ? `(${count})` : "";
  const action = form.querySelector<HTMLSelectElement>("[name=action]")?.value;
  form.querySelectorAll<HTMLElement>("[data-bulk-for]").forEach((field) => {
    field.hidden = field.dataset["bulkFor"] !== action;
    if (field instanceof HTMLSelectElement) field.required = !field.hidden;
  });
}
