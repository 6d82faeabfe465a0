import { csrfHeaders } from "./csrf";

interface Texts {
  items: { word: string; text: string }[];
  words: { title: string; search: string; none: string; close: string };
}

// The list of text modules, as a dialog.
export class Chooser {
  private known: Promise<Texts> | undefined;

  constructor(
    private readonly root: Document,
    private readonly url: string,
  ) {}

  /** Opens the list; the chosen text replaces `before` characters in front of `end`. Throws where the server is away. */
  async open(field: HTMLTextAreaElement, end: number, before: number): Promise<void> {
    if (this.root.querySelector("dialog.texts")) return;
    this.known ??= this.ask();
    const texts = await this.known;
    this.show(texts, (text) => {
      field.focus();
      field.setRangeText(text, end - before, end, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    });
  }

  private async ask(): Promise<Texts> {
    const answer = await fetch(this.url, {
      credentials: "same-origin",
      headers: { Accept: "application/json", ...csrfHeaders() },
    });
    if (!answer.ok || answer.redirected) throw new Error("no texts");
    return (await answer.json()) as Texts;
  }

  private show({ items, words }: Texts, take: (text: string) => void): void {
    const dialog = this.root.createElement("dialog");
    const search = this.root.createElement("input");
    const list = this.made("div", "texts-list");
    const none = this.made("p", "text-body-secondary", words.none);
    const close = this.button("btn btn-outline-secondary", words.close);
    const label = this.made("label", "filter", words.search);
    const title = this.made("h2", "h5", words.title);
    dialog.className = "texts";
    title.id = "texts-dialog-title";
    Object.assign(search, { type: "search", className: "form-control", autocomplete: "off" });
    label.append(search);
    dialog.setAttribute("aria-labelledby", title.id);
    const fitting = () => {
      const wanted = search.value.trim().toLowerCase();
      return items.filter(({ word, text }) => `${word}\n${text}`.toLowerCase().includes(wanted));
    };
    const choose = (text: string) => {
      dialog.close();
      take(text);
    };
    const fill = () => {
      const found = fitting();
      none.hidden = found.length > 0;
      list.replaceChildren(
        ...found.map(({ word, text }) => {
          const button = this.button("texts-item");
          button.append(this.made("strong", "", word), this.made("span", "", text));
          button.addEventListener("click", () => choose(text));
          return button;
        }),
      );
    };
    search.addEventListener("input", fill);
    search.addEventListener("keydown", (event) => {
      const first = fitting()[0];
      if (event.key === "Escape") {
        event.preventDefault(); // a search field would only empty itself
        dialog.close();
      } else if (event.key === "Enter" && !event.isComposing && first) {
        event.preventDefault();
        choose(first.text);
      }
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(title, label, list, none, close);
    this.root.body.append(dialog);
    fill();
    dialog.showModal();
    search.focus();
  }

  private button(look: string, text = ""): HTMLElement {
    const made = this.made("button", look, text);
    made.setAttribute("type", "button");
    return made;
  }

  private made(name: string, look: string, text = ""): HTMLElement {
    const made = this.root.createElement(name);
    if (look) made.className = look;
    made.textContent = text;
    return made;
  }
}
