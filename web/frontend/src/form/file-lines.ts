import type { Texts } from "./texts";

export interface FileLine {
  progress: (share: number) => void;
  end: (text: string, refused: boolean) => void;
}

/** The list beside a form: each file with its name, how far it is, and a button that takes it out. */
export class FileLines {
  private readonly items = new Map<File, HTMLLIElement>();
  private readonly refused = new Map<File, string>();

  constructor(
    private readonly list: HTMLElement | null,
    private readonly texts: Texts,
    private readonly takeOut: (file: File) => void,
  ) {}

  /** The files that were refused and neither taken out nor chosen anew since, each with why. */
  get leftOut(): ReadonlyMap<File, string> {
    return this.refused;
  }

  /** Takes away the lines of refused files in whose place others were chosen. */
  forgetRefused(isReplaced: (file: File) => boolean): void {
    for (const file of Array.from(this.refused.keys()).filter(isReplaced)) {
      this.refused.delete(file);
      this.items.get(file)?.remove();
      this.items.delete(file);
    }
  }

  /** Takes away the lines of files that are no longer chosen; why one was refused stays to be read. */
  keepOnly(chosen: Set<File>): void {
    for (const [file, item] of this.items) {
      if (chosen.has(file) || this.refused.has(file)) continue;
      item.remove();
      this.items.delete(file);
    }
    if (this.list) this.list.hidden = this.items.size === 0;
  }

  /** A line for a file, in place of the one that it had. */
  add(file: File): FileLine {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    const said = document.createElement("span");
    bar.max = 100;
    item.append(`${file.name} `, bar, " ", said);
    this.items.get(file)?.remove();
    this.refused.delete(file);
    this.items.set(file, item);
    if (this.list) {
      this.list.hidden = false;
      this.list.append(item);
    }
    return {
      progress: (share) => {
        bar.value = Math.round(share * 100);
        bar.setAttribute("aria-label", `${file.name} ${bar.value}%`);
      },
      end: (text, refused) => {
        bar.remove();
        said.textContent = text;
        item.classList.toggle("upload-refused", refused);
        if (refused) this.refused.set(file, text);
        item.append(" ", this.remover(file));
      },
    };
  }

  private remover(file: File): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-link";
    button.textContent = this.texts.removeFile;
    button.setAttribute("aria-label", `${this.texts.removeFile} ${file.name}`);
    button.addEventListener("click", () => {
      const item = button.closest("li");
      const next = (item?.nextElementSibling ?? item?.previousElementSibling)?.querySelector("button");
      this.refused.delete(file);
      this.takeOut(file);
      (next ?? document.querySelector<HTMLElement>(".fjs-filepicker-button"))?.focus();
    });
    return button;
  }
}
