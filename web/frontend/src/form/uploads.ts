import type { Form } from "@bpmn-io/form-js-viewer";

import { csrfHeaders } from "../page/csrf";
import { sentAsTheSame } from "../page/session";
import type { FieldErrors } from "./definition";
import { notSent, outcomeOf, type Outcome } from "./send";
import type { Texts } from "./texts";

interface FileRegistry {
  getAllFiles(): Map<string, File[]>;
  setFiles(key: string, files: File[]): void;
}

interface Places {
  /** Where each file goes, by itself. */
  url: string | undefined;
  /** The largest file that the server takes. */
  mostBytes: number | undefined;
}

/**
 * The files of file fields. Each is sent when it is chosen, with its progress beside the form; document ids stand in
 * the values where form-js has keys of its own. A file that was sent is not sent again.
 */
export class Uploads {
  private readonly ids = new WeakMap<File, string>();
  private readonly running = new Map<File, Promise<Outcome | undefined>>();
  private readonly kept = new Map<string, File[]>();
  private readonly registry: FileRegistry;

  constructor(
    private readonly form: Form,
    private readonly list: HTMLElement | null,
    private readonly places: Places,
    private readonly texts: Texts,
    private readonly refused: (errors: FieldErrors) => void,
    private readonly arrived: () => void,
  ) {
    this.registry = form.get<FileRegistry>("fileRegistry");
  }

  /**
   * Returns values in which lists of document ids are replaced by keys that form-js knows: it shows the files' names
   * as if they had just been chosen, once `showRestored` was called after the import had begun (it forgets all files).
   */
  restore(values: Record<string, unknown>, names: Record<string, string>): Record<string, unknown> {
    let count = 0;
    return mapped(values, (value) => {
      if (!Array.isArray(value) || value.length === 0 || !value.every((each) => typeof each === "string")) return value;
      if (!value.every((id: string) => id in names)) return value;
      const key = `files::kept-${++count}`;
      const files = value.map((id: string) => {
        const file = new File([], names[id] ?? id);
        this.ids.set(file, id);
        return file;
      });
      this.kept.set(key, files);
      return key;
    }) as Record<string, unknown>;
  }

  showRestored(): void {
    this.kept.forEach((files, key) => this.registry.setFiles(key, files));
  }

  /** Begins to send what was chosen and is not on its way. */
  begin(): void {
    for (const [key, files] of this.registry.getAllFiles()) {
      for (const file of files) {
        if (!this.ids.has(file) && !this.running.has(file)) this.running.set(file, this.send(key, file));
      }
    }
  }

  /** Returns the values with document ids in place of keys; of those that have arrived. */
  withIds(data: Record<string, unknown>): Record<string, unknown> {
    const files = this.registry.getAllFiles();
    return mapped(data, (value) => {
      const chosen = typeof value === "string" ? files.get(value) : undefined;
      return chosen ? chosen.map((file) => this.ids.get(file)).filter((id) => id !== undefined) : value;
    }) as Record<string, unknown>;
  }

  /** Waits until everything has arrived, and sends again what did not. Returns the first thing that went wrong. */
  async finish(): Promise<Outcome | undefined> {
    this.begin();
    for (const files of this.registry.getAllFiles().values()) {
      for (const file of files) {
        const failed = await this.running.get(file);
        if (failed) return failed;
      }
    }
    return undefined;
  }

  private async send(key: string, file: File): Promise<Outcome | undefined> {
    const line = this.line(file);
    const tooLarge = this.places.mostBytes !== undefined && file.size > this.places.mostBytes;
    const outcome = tooLarge
      ? { kind: "refused" as const, detail: this.texts.tooLarge(Math.floor((this.places.mostBytes ?? 0) / 1048576)) }
      : await this.transfer(file, (share) => line.progress(share));
    if (outcome.kind === "taken") {
      line.end(this.texts.fileSent, false);
      this.arrived();
      return undefined;
    }
    // Chosen again or sent again, the file is tried anew.
    this.running.delete(file);
    const why = reason(outcome, this.texts);
    line.end(why, true);
    const path = this.pathOf(key);
    if (path) this.refused({ [path]: [`${file.name}: ${why}`] });
    return outcome.kind === "fields" && path ? { ...outcome, errors: { [path]: [`${file.name}: ${why}`] } } : outcome;
  }

  private async transfer(file: File, progress: (share: number) => void): Promise<Outcome> {
    const { url } = this.places;
    if (!url) throw new Error("the form has a file field, and its definition names no `documents` address");
    const body = new FormData();
    body.append("file", file);
    const request = await sentAsTheSame(() => posted(url, body, progress));
    if (!(request instanceof XMLHttpRequest)) return notSent(request);
    if (request.status === 0) return { kind: "unreachable" };
    const answer = (request.response ?? {}) as Record<string, unknown>;
    const id = answer["document_id"];
    if (typeof id === "string") this.ids.set(file, id);
    return outcomeOf(request.status, answer, typeof id === "string");
  }

  private pathOf(key: string): string | undefined {
    return place(this.form._getState().data, key);
  }

  private line(file: File): { progress: (share: number) => void; end: (text: string, bad: boolean) => void } {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    const said = document.createElement("span");
    bar.max = 100;
    item.append(`${file.name} `, bar, " ", said);
    if (this.list) {
      this.list.hidden = false;
      this.list.append(item);
    }
    return {
      progress: (share) => {
        bar.value = Math.round(share * 100);
        bar.setAttribute("aria-label", `${file.name} ${bar.value}%`);
      },
      end: (text, bad) => {
        bar.remove();
        said.textContent = text;
        item.classList.toggle("upload-refused", bad);
      },
    };
  }
}

/** Posts what cannot be told as JSON; the request's status stays 0 where no answer came. */
function posted(url: string, body: FormData, progress: (share: number) => void): Promise<XMLHttpRequest> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much has gone out
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("loadend", () => resolve(request));
    request.send(body);
  });
}

function reason(outcome: Outcome, texts: Texts): string {
  if (outcome.kind === "fields") return Object.values(outcome.errors).flat().join(" ");
  if (outcome.kind === "refused" || outcome.kind === "conflict") return outcome.detail ?? texts.refused;
  return texts.standing[outcome.kind === "signed-out" ? outcome.who : "unreachable"];
}

function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  const changed = change(value);
  if (changed !== value) return changed;
  if (Array.isArray(value)) return value.map((each) => mapped(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, change)]));
}

function place(value: unknown, sought: string, path: string[] = []): string | undefined {
  if (value === sought) return path.join(".");
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = place(each, sought, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
