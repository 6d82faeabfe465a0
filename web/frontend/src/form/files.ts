import { sendFile, type Outcome } from "./send";

/**
 * Sends the files of every file field and puts the document ids where form-js has its own file keys: a list of ids
 * for each field. Files that were sent at an earlier attempt are not sent again.
 */
export class FileSender {
  private readonly sent = new WeakMap<File, string>();

  constructor(private readonly url: string | undefined) {}

  async replaceKeys(values: Record<string, unknown>, files: Map<string, File[]>): Promise<Outcome | undefined> {
    const ids = new Map<string, string[]>();
    for (const [key, chosen] of files) {
      const group: string[] = [];
      for (const file of chosen) {
        const id = await this.send(file);
        if (typeof id !== "string") return id;
        group.push(id);
      }
      ids.set(key, group);
    }
    replaceIn(values, ids);
    return undefined;
  }

  private async send(file: File): Promise<string | Outcome> {
    const known = this.sent.get(file);
    if (known) return known;
    if (!this.url) throw new Error("the form has a file field, and its definition names no `documents` address");
    const id = await sendFile(this.url, file);
    if (typeof id === "string") this.sent.set(file, id);
    return id;
  }
}

function replaceIn(container: Record<string, unknown> | unknown[], ids: Map<string, string[]>): void {
  for (const [key, value] of Object.entries(container)) {
    if (typeof value === "string" && ids.has(value)) (container as Record<string, unknown>)[key] = ids.get(value);
    else if (typeof value === "object" && value !== null) replaceIn(value as Record<string, unknown>, ids);
  }
}
