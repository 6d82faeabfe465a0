import { csrfHeaders } from "../page/csrf";
import { logIn, sentAsTheSame } from "../page/session";
import { ClashNote } from "./clash";
import { newKey } from "./send";
import type { Texts } from "./texts";

const PAUSE_MS = 1200;
const RETRY_MS = 15_000;

/** Keeps what was typed with the task on the server, a moment after the last key, and says when. */
export class DraftKeeper {
  private timer: number | undefined;
  private pending = false;
  private ended = false;
  /** Whether other windows and people may keep a draft of the same form. */
  private isShared = false;
  /** The draft that this page goes on from, null for none; undefined to take the place of any. */
  private revision: string | null | undefined;
  /** What is kept next is called: the same name again where no answer came, as it may have arrived. */
  private next = newKey();
  private readonly clash: ClashNote;
  private readonly status: HTMLElement | null;
  private order = Promise.resolve();

  /** While `form` is aria-busy it is on its way itself, which may end its task: nothing is kept beside it. */
  constructor(
    private readonly url: string,
    private readonly form: HTMLElement,
    private readonly values: () => Record<string, unknown>,
    private readonly texts: Texts,
    private readonly method: "PUT" | "POST" = "PUT",
    /** The page that opens with the newest draft. */
    newest: string = window.location.href,
  ) {
    this.status = form.querySelector<HTMLElement>("[data-form-kept]");
    this.clash = new ClashNote(this.status, texts, newest, {
      takeNewer: () => {
        this.end();
        if (newest === window.location.href) window.location.reload();
        else window.location.assign(newest);
      },
      keepMine: () => {
        this.revision = undefined; // in place of whatever is kept by now
        this.pending = true;
        this.flush();
      },
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush();
    });
    new MutationObserver(() => this.resume()).observe(form, { attributeFilter: ["aria-busy"] });
  }

  /** Keeps nothing over a draft that this page has not seen: `revision` is the one that it shows. */
  continue(revision: string | null): void {
    this.isShared = true;
    this.revision = revision;
  }

  /** Whether something was typed that is not kept. */
  get isPending(): boolean {
    return this.pending;
  }

  /** Something was typed. */
  touch(): void {
    if (this.ended) return;
    this.pending = true;
    this.flushIn(PAUSE_MS);
  }

  /** Waits for what is on its way. */
  async settled(): Promise<void> {
    await this.order;
  }

  /** Keeps nothing more: the form was taken. */
  end(): void {
    this.ended = true;
    this.pending = false;
    window.clearTimeout(this.timer);
  }

  /** Throws the draft away. */
  async discard(): Promise<void> {
    this.end();
    await this.order;
    const which = this.revision ? `?revision=${encodeURIComponent(this.revision)}` : "";
    await fetch(this.url + which, { method: "DELETE", credentials: "same-origin", headers: csrfHeaders() });
  }

  /** Whether the form itself is on its way. */
  private get isSent(): boolean {
    return this.form.getAttribute("aria-busy") === "true";
  }

  /** The form was not taken: what was typed meanwhile is kept again. */
  private resume(): void {
    if (this.pending && !this.ended) this.flushIn(PAUSE_MS);
  }

  private flushIn(ms: number): void {
    window.clearTimeout(this.timer);
    if (!this.isSent && !this.clash.isShown) this.timer = window.setTimeout(() => this.flush(), ms);
  }

  private flush(): void {
    window.clearTimeout(this.timer);
    if (!this.pending || this.ended || this.isSent || this.clash.isShown) return;
    this.pending = false;
    this.order = this.order.then(() => this.keep()); // one after the other: the last word is the last one kept
  }

  private async keep(): Promise<void> {
    if (this.ended) return;
    const answer = await sentAsTheSame(() => this.send()).catch(() => "unreachable" as const);
    const kept = answer instanceof Response && answer.ok;
    if (kept) this.learn();
    if (answer instanceof Response && answer.status === 409 && !this.ended) {
      this.pending = true;
      await this.clash.show(answer);
      return;
    }
    if (!kept && !this.ended) {
      this.pending = true;
      this.flushIn(RETRY_MS);
    }
    if (this.status) {
      const time = new Date().toLocaleTimeString(document.documentElement.lang, {
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        timeZone: document.documentElement.dataset["zone"],
      });
      const signedOut = answer === "nobody" || answer === "another";
      if (signedOut) this.status.replaceChildren(this.texts.notKeptSignedOut, " ", logIn());
      else this.status.textContent = kept ? this.texts.kept(time) : this.texts.notKept;
    }
  }

  /** What was kept is what this page goes on from. */
  private learn(): void {
    if (!this.isShared) return;
    this.revision = this.next;
    this.next = newKey();
  }

  /** The draft that this page goes on from, and what the next one is called. */
  named(): { revision?: string | null; next_revision?: string } {
    if (!this.isShared) return {};
    return this.revision === undefined ? { next_revision: this.next } : { revision: this.revision, next_revision: this.next };
  }

  private async send(): Promise<Response> {
    return await fetch(this.url, {
      method: this.method,
      credentials: "same-origin",
      keepalive: true,
      headers: { "Content-Type": "application/json", Accept: "application/json", ...csrfHeaders() },
      body: JSON.stringify({ variables: this.values(), ...this.named() }),
    });
  }
}
