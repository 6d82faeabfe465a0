// <button data-inserts="text" data-into="ID"> writes a text into a field where the cursor is.
export function watchInsertions(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-inserts]");
    const field = root.getElementById(button?.dataset["into"] ?? "");
    if (!button || !(field instanceof HTMLTextAreaElement)) return;
    field.setRangeText(button.dataset["inserts"] ?? "", field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
}
