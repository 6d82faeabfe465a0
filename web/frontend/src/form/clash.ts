import type { Texts } from "./texts";

/** The problem whose way out is a choice between two drafts; of others the server tells what has happened. */
const NEWER = "urn:redress:newer-draft";

/** Tells above the form's foot that a newer draft is kept than the one typed here, until one of the two is chosen. */
export class ClashNote {
  private note: HTMLElement | undefined;

  constructor(
    private readonly status: HTMLElement | null,
    private readonly texts: Texts,
    private readonly newest: string,
    private readonly choices: { takeNewer: () => void; keepMine: () => void },
  ) {}

  get isShown(): boolean {
    return this.note !== undefined;
  }

  /** Shows what the server says of it; whoever types meanwhile goes on, nothing is kept yet. */
  async show(answer: Response): Promise<void> {
    const { detail, type } = (await answer.json().catch(() => ({}))) as { detail?: string; type?: string };
    this.note?.remove();
    this.note = Object.assign(document.createElement("div"), { className: "alert alert-warning draft-note draft-clash" });
    this.note.setAttribute("role", "alert");
    const said = Object.assign(document.createElement("p"), { textContent: `${detail ?? this.texts.lostRace} ${this.texts.clash.typed} ` });
    this.note.append(said);
    if (type === NEWER) this.offer(said);
    if (!this.status) return;
    this.status.textContent = "";
    (this.status.closest(".form-foot") ?? this.status).before(this.note);
  }

  private offer(said: HTMLElement): void {
    const compare = Object.assign(document.createElement("a"), {
      href: this.newest,
      target: "_blank",
      textContent: this.texts.clash.compare,
    });
    said.append(compare);
    const buttons = Object.assign(document.createElement("span"), { className: "draft-choices" });
    buttons.append(
      this.button(this.texts.clash.takeNewer, this.choices.takeNewer),
      this.button(this.texts.clash.keepMine, this.choices.keepMine),
    );
    said.after(buttons);
  }

  private button(words: string, choose: () => void): HTMLButtonElement {
    const made = Object.assign(document.createElement("button"), {
      type: "button" as const,
      className: "btn btn-sm btn-outline-secondary",
      textContent: words,
    });
    made.addEventListener("click", () => {
      this.note?.remove();
      this.note = undefined;
      choose();
    });
    return made;
  }
}
