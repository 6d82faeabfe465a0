// [data-board] with [data-column="who"] and [data-card="task"]: dragging a card to another column sends the board's
// hidden form. The form on each card does the same without a mouse.
export function watchBoard(root: Document): void {
  const board = root.querySelector<HTMLElement>("[data-board]");
  const form = root.querySelector<HTMLFormElement>("[data-board-form]");
  if (!board || !form) return;
  board.addEventListener("dragstart", (event) => {
    const card = (event.target as Element).closest<HTMLElement>("[data-card]");
    event.dataTransfer?.setData("text/plain", card?.dataset["card"] ?? "");
  });
  board.querySelectorAll<HTMLElement>("[data-column]").forEach((column) => {
    column.addEventListener("dragover", (event) => {
      event.preventDefault();
      column.classList.add("board-over");
    });
    column.addEventListener("dragleave", () => column.classList.remove("board-over"));
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      column.classList.remove("board-over");
      const task = event.dataTransfer?.getData("text/plain") ?? "";
      const card = board.querySelector(`[data-card="${CSS.escape(task)}"]`);
      if (!card || column.contains(card)) return;
      fill(form, "task", task);
      fill(form, "to", column.dataset["column"] ?? "");
      form.submit();
    });
  });
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
