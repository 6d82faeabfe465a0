import { keepPlace } from "./place";

// [data-board] with [data-column="who"] and [data-card="task"]. Dragging a card to another column, or the form on each
// card, moves it in place: the server answers with the board as it is then, and says beside the card why it was not
// moved. While a card is dragged, the columns that do not take it say so. Without script the forms do the same.
export function watchBoard(root: Document): void {
  if (!board(root)) return;
  root.addEventListener("dragstart", (event) => {
    const card = (event.target as Element).closest<HTMLElement>("[data-card]");
    if (!card) return;
    event.dataTransfer?.setData("text/plain", card.dataset["card"] ?? "");
    const place = board(root);
    if (place) place.dataset["dragging"] = "true"; // news wait meanwhile
    // Chromium ends a drag whose beginning changes the page.
    window.setTimeout(() => place?.dataset["dragging"] && showBarred(root, card));
  });
  root.addEventListener("dragend", () => hideBarred(root));
  root.addEventListener("dragover", (event) => {
    const column = columnOf(event);
    root.querySelectorAll(".board-over").forEach((each) => each.classList.toggle("board-over", each === column));
    if (!column) return;
    event.preventDefault();
    column.classList.add("board-over");
  });
  root.addEventListener("drop", (event) => {
    const column = columnOf(event);
    const form = root.querySelector<HTMLFormElement>("[data-board-form]");
    const task = event.dataTransfer?.getData("text/plain") ?? "";
    hideBarred(root);
    if (!column || !form) return;
    event.preventDefault();
    const card = cardOf(root, task);
    if (!card || column.contains(card)) return;
    fill(form, "task", task);
    fill(form, "held_by", card.closest<HTMLElement>("[data-column]")?.dataset["column"] ?? "");
    fill(form, "to", column.dataset["column"] ?? "");
    void move(root, form);
  });
  root.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      if (event.defaultPrevented || !form.closest("[data-card]")) return;
      event.preventDefault();
      void move(root, form);
    },
    { capture: true }, // before what every page does with a form that leaves it
  );
}

async function move(root: Document, form: HTMLFormElement): Promise<void> {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const data = new FormData(form);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "text/html" },
      body: new URLSearchParams(Array.from(data, ([name, value]) => [name, String(value)])),
    });
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    if (board(answer)) takeOver(root, answer, String(data.get("task")));
    else window.location.reload(); // logged out, or the team is gone: the page says so
  } catch {
    say(root, root.querySelector<HTMLElement>("[data-board-said]")?.dataset["away"] ?? "");
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/** Puts the answer's board and messages in the place of those of the page, and the focus on the card. */
function takeOver(root: Document, answer: Document, task: string): void {
  const goBack = keepPlace(root);
  board(root)?.replaceChildren(...imported(root, board(answer)?.childNodes ?? []));
  root.querySelectorAll("[data-flash]").forEach((each) => each.remove());
  const messages = imported(root, answer.querySelectorAll("[data-flash]"));
  root.getElementById("main")?.prepend(...messages);
  const refused = root.querySelector<HTMLElement>("[data-board-refused]");
  const card = cardOf(root, task);
  const target = (refused && card?.querySelector<HTMLElement>("select")) ?? card?.querySelector<HTMLElement>("[data-row-link]");
  if (target) target.focus();
  else goBack();
  say(root, refused ? "" : messages.map((each) => each.firstChild?.textContent ?? "").join(" ")); // a refusal is an alert
}

function imported(root: Document, nodes: Iterable<Node> | ArrayLike<Node>): Node[] {
  return Array.from(nodes as ArrayLike<Node>, (node) => root.importNode(node, true));
}

function say(root: Document, text: string): void {
  const said = root.querySelector<HTMLElement>("[data-board-said]");
  if (said) said.textContent = said.textContent === text && text ? `${text}\u00a0` : text;
}

/** Marks the columns that do not take the card, each with why. */
function showBarred(root: Document, card: HTMLElement): void {
  const barred = JSON.parse(card.dataset["barred"] ?? "{}") as Record<string, string>;
  root.querySelectorAll<HTMLElement>("[data-column]").forEach((column) => {
    const why = barred[column.dataset["column"] ?? ""];
    if (why === undefined || column.contains(card)) return;
    column.classList.add("board-barred");
    const note = root.createElement("p");
    note.className = "board-why";
    note.textContent = why;
    column.querySelector(".panel-title")?.after(note);
  });
}

function hideBarred(root: Document): void {
  root.querySelectorAll(".board-why").forEach((each) => each.remove());
  root.querySelectorAll(".board-over, .board-barred").forEach((each) => each.classList.remove("board-over", "board-barred"));
  delete board(root)?.dataset["dragging"];
}

function board(root: Document): HTMLElement | null {
  return root.querySelector<HTMLElement>("[data-board]");
}

function columnOf(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>("[data-column]");
}

function cardOf(root: Document, task: string): HTMLElement | null {
  return root.querySelector<HTMLElement>(`[data-card="${CSS.escape(task)}"]`);
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
