// <input type=date data-hints='{"2026-03-07": "what is said of it"}'> says at once what the chosen day is; [data-day-hint]
// and [data-day-meant] in its form hold the words, and the box by which somebody says that they mean it.
export function watchRestDays(root: Document): void {
  root.querySelectorAll<HTMLInputElement>("input[data-hints]").forEach((field) => {
    const hints = JSON.parse(field.dataset["hints"] ?? "{}") as Record<string, string>;
    const said = field.form?.querySelector<HTMLElement>("[data-day-hint]");
    const meant = field.form?.querySelector<HTMLElement>("[data-day-meant]");
    field.addEventListener("input", () => {
      const hint = hints[field.value] ?? "";
      if (said) said.textContent = hint;
      if (meant) meant.hidden = !hint;
      meant?.querySelectorAll<HTMLInputElement>("input:checked").forEach((box) => (box.checked = false));
    });
  });
}
