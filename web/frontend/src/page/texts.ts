import type { Chooser } from "./text-chooser";

const CALL = "::";
const WRITABLE = "textarea:not([data-plain])";

// <main data-texts="URL">: "::" typed into a text, or <button data-texts-into="ID">, opens the list of text modules; the
// chosen one stands where the cursor was. The texts are asked for once, when somebody first wants one.
export function watchTexts(root: Document): void {
  const url = root.querySelector<HTMLElement>("[data-texts]")?.dataset["texts"];
  if (!url) return;
  let chooser: Promise<Chooser> | undefined; // most pages are left without it
  const open = async (field: HTMLTextAreaElement, before: number) => {
    const end = field.selectionEnd;
    try {
      chooser ??= import("./text-chooser").then((found) => new found.Chooser(root, url));
      await (await chooser).open(field, end, before);
    } catch {
      chooser = undefined; // asked for again the next time
    }
  };
  root.addEventListener("input", (event) => {
    const field = event.target;
    if (!(event instanceof InputEvent) || event.isComposing) return;
    if (!(field instanceof HTMLTextAreaElement) || !field.matches(WRITABLE)) return;
    if (event.data?.endsWith(":") && field.value.slice(0, field.selectionStart).endsWith(CALL)) void open(field, CALL.length);
  });
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-texts-into]");
    const field = root.getElementById(button?.dataset["textsInto"] ?? "");
    if (button && field instanceof HTMLTextAreaElement) void open(field, 0);
  });
}
