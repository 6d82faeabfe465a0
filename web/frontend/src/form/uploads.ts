import type { Form } from "@bpmn-io/form-js-viewer";

import { csrfHeaders } from "../page/csrf";
import { sentAsTheSame } from "../page/session";
import type { FieldErrors } from "./definition";
import { fieldsOnPage } from "./fields";
import { FileLines } from "./file-lines";
import { put } from "./paths";
import { notSent, outcomeOf, type Outcome } from "./send";
import type { Texts } from "./texts";

interface FileRegistry {
  getAllFiles(): Map<string, File[]>;
  setFiles(key: string, files: File[]): void;
  deleteFiles(key: string): void;
}

interface Places {
  /** Where each file goes, by itself. */
  url: string | undefined;
  /** The largest file that the server takes. */
  mostBytes: number | undefined;
}

/**
 * The files of file fields. Each is sent when it is chosen, and stands in the list beside the form with its progress
 * and a way to take it out again; document ids stand in the values where form-js has keys of its own. A file that was
 * sent is not sent again, one that is refused is left out and stands in the list until it is taken out, and in a field for several those chosen later join those
 * that are there.
 */
export class Uploads {
  private readonly ids = new WeakMap<File, string>();
  private readonly paths = new WeakMap<File, string>();
  private readonly running = new Map<File, Promise<Outcome | undefined>>();
  private readonly kept = new Map<string, File[]>();
  private readonly registry: FileRegistry;
  private readonly replaceFiles: FileRegistry["setFiles"];
  private readonly lines: FileLines;
  /** What was refused since files were last chosen. */
  private refusals: FieldErrors = {};

  constructor(
    private readonly form: Form,
    list: HTMLElement | null,
    private readonly places: Places,
    private readonly texts: Texts,
    private readonly refused: (errors: FieldErrors) => void,
    private readonly arrived: () => void,
  ) {
    this.registry = form.get<FileRegistry>("fileRegistry");
    this.lines = new FileLines(list, texts, (file) => this.takeOut(file));
    this.replaceFiles = this.registry.setFiles.bind(this.registry);
    this.registry.setFiles = (key, files) => {
      this.refusals = {};
      const names = new Set(files.map((file) => file.name));
      this.lines.forgetRefused((file) => names.has(file.name));
      this.replaceFiles(key, this.joined(key, files));
    };
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
    this.kept.forEach((files, key) => {
      this.registry.setFiles(key, files);
      files.forEach((file) => this.lines.add(file).end(this.texts.fileSent, false));
    });
  }

  /** Returns of a value what tells one choice of files from another. */
  told(value: unknown): unknown {
    const chosen = typeof value === "string" ? this.registry.getAllFiles().get(value) : undefined;
    return chosen ? chosen.map(identity) : value;
  }

  /** Begins to send what was chosen and is not on its way. */
  begin(): void {
    this.lines.keepOnly(new Set(Array.from(this.registry.getAllFiles().values()).flat()));
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

  /** The files that were refused and still stand in the list, each with why. */
  get leftOut(): ReadonlyMap<File, string> {
    return this.lines.leftOut;
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
    this.takePlace(file, this.pathOf(key));
    const line = this.lines.add(file);
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
    const isFinal = outcome.kind === "fields" || outcome.kind === "refused";
    if (isFinal) this.leaveOut(file);
    if (!path) return outcome;
    this.refusals = { ...this.refusals, [path]: [...(this.refusals[path] ?? []), `${file.name}: ${why}`] };
    this.refused(this.refusals);
    return outcome.kind === "fields" ? { ...outcome, errors: this.refusals } : outcome;
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

  /** In a field that takes several, files join those that are there; the same one again does not. */
  private joined(key: string, chosen: File[]): File[] {
    const before = this.registry.getAllFiles().get(key) ?? [];
    if (!this.takesSeveral(this.pathOf(key))) return chosen;
    const known = new Set(before.map(identity));
    return [...before, ...chosen.filter((file) => !known.has(identity(file)))];
  }

  /** In a field for one file, the next one stands for whichever was refused before. */
  private takePlace(file: File, path: string | undefined): void {
    if (!path) return;
    this.paths.set(file, path);
    if (!this.takesSeveral(path)) this.lines.forgetRefused((other) => other !== file && this.paths.get(other) === path);
  }

  private takesSeveral(path: string | undefined): boolean {
    const field = fieldsOnPage(this.form).find((each) => each.path === path);
    const input = field ? document.getElementById(field.domId) : null;
    return input instanceof HTMLInputElement && input.multiple;
  }

  private takeOut(file: File): void {
    this.leaveOut(file);
    this.lines.keepOnly(new Set(Array.from(this.registry.getAllFiles().values()).flat()));
    this.arrived();
  }

  /** Takes a file out of its field; a field without files has no value. */
  private leaveOut(file: File): void {
    const all = this.registry.getAllFiles();
    const [key, files] = Array.from(all).find(([, each]) => each.includes(file)) ?? [];
    if (!key || !files) return;
    const path = this.pathOf(key);
    const left = files.filter((each) => each !== file);
    const { data } = this.form._getState();
    if (left.length > 0) this.replaceFiles(key, left);
    else this.registry.deleteFiles(key);
    this.form._setState({ data: left.length > 0 || !path ? { ...data } : put(data, path.split("."), null) });
  }

  private pathOf(key: string): string | undefined {
    return place(this.form._getState().data, key);
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

/** What tells a file from others that were chosen in the same form. */
function identity(file: File): string {
  return [file.name, file.size, file.lastModified, file.webkitRelativePath].join("\0");
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
