import { csrfHeaders } from "./csrf";

/** Nobody types who has pressed no key for so long. */
const TYPING_MS = 20_000;
/** A window that nobody has looked at for so long does not count as open. */
const HIDDEN_MS = 5 * 60_000;

interface Other {
  username: string;
  initial: string;
  text: string;
}

// <ul data-presence="URL" data-window="ID" data-every="15"> tells who else has the page's task or case open. Each look
// says at the same time that this window is there, and whether somebody types in it; a window that closes says so, one
// that is cut off is forgotten by the server.
export function watchPresence(root: Document): void {
  const list = root.querySelector<HTMLElement>("[data-presence]");
  if (list) new Attendance(root, list).begin();
}

class Attendance {
  private typedAt = -Infinity;
  private toldTyping = false;
  private timer: number | undefined;
  private hiding: number | undefined;
  private gone = false;

  constructor(
    private readonly root: Document,
    private readonly list: HTMLElement,
  ) {}

  begin(): void {
    this.root.addEventListener("input", () => {
      this.typedAt = performance.now();
      if (!this.toldTyping && !this.gone) void this.look();
    });
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.back());
    this.root.addEventListener("visibilitychange", () => {
      window.clearTimeout(this.hiding);
      if (this.root.visibilityState === "hidden") this.hiding = window.setTimeout(() => this.leave(), HIDDEN_MS);
      else if (this.gone) this.back();
    });
    this.later();
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), Number(this.list.dataset["every"]) * 1000);
  }

  private async look(): Promise<void> {
    this.toldTyping = performance.now() - this.typedAt < TYPING_MS;
    this.later();
    try {
      const answer = await this.say(this.toldTyping ? "typing" : "open");
      if (this.gone) return;
      // Whoever was there may have left since: nothing is shown that is not known.
      this.show(answer.ok && !answer.redirected ? ((await answer.json()) as { others: Other[] }).others : []);
    } catch {
      this.show([]);
    }
  }

  private leave(): void {
    if (this.gone) return;
    this.gone = true;
    window.clearTimeout(this.timer);
    this.say("gone").catch(() => undefined);
  }

  private back(): void {
    this.gone = false;
    void this.look();
  }

  private say(state: "open" | "typing" | "gone"): Promise<Response> {
    return fetch(this.list.dataset["presence"] ?? "", {
      method: "POST",
      credentials: "same-origin",
      keepalive: true,
      headers: { Accept: "application/json", "X-Poll": "1", ...csrfHeaders() },
      body: new URLSearchParams({ window: this.list.dataset["window"] ?? "", state }),
    });
  }

  /** Changes only what changed: screen readers are told of that alone. */
  private show(others: Other[]): void {
    const shown = new Map(
      Array.from(this.list.querySelectorAll<HTMLElement>("[data-who]"), (item) => [item.dataset["who"] ?? "", item]),
    );
    for (const { username, initial, text } of others) {
      const item = shown.get(username) ?? this.list.appendChild(entry(username, initial));
      const says = item.querySelector("[data-says]");
      if (says && says.textContent !== text) says.textContent = text;
      shown.delete(username);
    }
    shown.forEach((item) => item.remove());
  }
}

function entry(username: string, initial: string): HTMLElement {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  const says = document.createElement("span");
  item.dataset["who"] = username;
  mark.className = "presence-initial";
  mark.ariaHidden = "true";
  mark.textContent = initial;
  says.dataset["says"] = "";
  item.append(mark, " ", says);
  return item;
}
