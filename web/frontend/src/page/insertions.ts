// <button data-inserts="@name " data-into="ID"> writes a text into a field where the cursor is: over the beginning of
// such a name that was typed already, else apart from the word before.
export function watchInsertions(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-inserts]");
    const field = root.getElementById(button?.dataset["into"] ?? "");
    if (!button || !(field instanceof HTMLTextAreaElement)) return;
    const before = field.value.slice(0, field.selectionStart);
    const begun = /(^|\s)@\S*$/.exec(before);
    const start = begun ? begun.index + (begun[1]?.length ?? 0) : field.selectionStart;
    const apart = begun || /(^|\s)$/.test(before) ? "" : " ";
    field.setRangeText(apart + (button.dataset["inserts"] ?? ""), start, field.selectionEnd, "end");
    field.focus();
  });
}
