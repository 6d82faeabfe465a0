// A form drawn in the form editor, to be filled in: README.md tells what the page must hold.
import "@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import "./styles/form.css";
import { Form } from "@bpmn-io/form-js-viewer";

import { localizeDatePicker } from "./form/date-picker";
import { readDefinition, type FieldErrors, type FormDefinition } from "./form/definition";
import { translator } from "./form/dictionaries";
import { DraftKeeper } from "./form/draft";
import { translateLeftovers } from "./form/leftovers";
import { missingFields } from "./form/required-when";
import { newKey, sendValues, type Outcome } from "./form/send";
import { ServerErrors } from "./form/server-errors";
import { ErrorSummary } from "./form/summary";
import { pageLanguage, pageTexts } from "./form/texts";
import { Uploads } from "./form/uploads";
import { markSent } from "./page/landing";
import { logIn } from "./page/session";

type FormOptions = NonNullable<ConstructorParameters<typeof Form>[0]>;

interface Submission {
  data: Record<string, unknown>;
  errors: Record<string, unknown>;
}

/** One form on the page, from its definition to the server's answer. */
class FormOnPage {
  private readonly texts = pageTexts();
  private readonly summary: ErrorSummary;
  private readonly uploads: Uploads;
  private readonly draft: DraftKeeper | undefined;
  private readonly form: Form;
  private readonly serverErrors: ServerErrors;
  private key = newKey();
  private sending = false;
  private touched = false;
  /** The refused files without which the form may be sent. */
  private goesWithout = new Set<File>();

  constructor(
    private readonly root: HTMLElement,
    private readonly definition: FormDefinition,
  ) {
    const canvas = part(root, "[data-form-canvas]");
    this.summary = new ErrorSummary(part(root, "[data-form-summary]"), this.texts);
    this.form = new Form({
      container: canvas,
      properties: { readOnly: !definition.submit },
      // By default form-js takes what was typed after 300 ms without a key, and forgets it when something else
      // redraws the field meanwhile.
      debounce: false,
      additionalModules: [{ translate: ["value", translator(pageLanguage())] }],
    } as FormOptions & { debounce: false });
    this.uploads = new Uploads(
      this.form,
      root.querySelector<HTMLElement>("[data-form-files]"),
      { url: definition.documents, mostBytes: definition.mostBytes },
      this.texts,
      (errors) => this.refuse(errors),
      () => this.draft?.touch(),
    );
    this.serverErrors = new ServerErrors(this.form, (value) => this.uploads.told(value));
    const values = () => this.uploads.withIds(this.form._getState().data as Record<string, unknown>);
    this.draft = definition.draft ? new DraftKeeper(definition.draft, root, values, this.texts) : undefined;
    this.draft?.continue(definition.draftRevision ?? null);
    translateLeftovers(canvas, this.texts);
  }

  async open(): Promise<void> {
    const { schema, values, files } = this.definition;
    const imported = this.form.importSchema(schema, this.uploads.restore(values, files ?? {}));
    this.uploads.showRestored();
    await imported;
    this.form.on("submit", (submission: Submission) => void this.submitted(submission));
    this.form.on("field.updated", () => this.typed());
    this.watchDiscarding();
    this.root.querySelectorAll("[data-form-submit]").forEach((button) => {
      button.addEventListener("click", () => this.form.submit());
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.draft ? this.draft.isPending : this.touched) event.preventDefault();
    });
    this.root.dataset["ready"] = "true";
    // The fields are drawn in the next frame; only then can an error find its field.
    if (this.definition.errors) {
      const { errors } = this.definition;
      requestAnimationFrame(() => this.summary.showFields(this.form, this.serverErrors.show(errors)));
    }
  }

  private typed(): void {
    this.touched = true;
    this.draft?.touch();
    if (this.definition.submit) this.uploads.begin();
  }

  private watchDiscarding(): void {
    this.root.querySelectorAll<HTMLElement>("[data-form-discard]").forEach((button) => {
      button.addEventListener("click", () => {
        if (!window.confirm(button.dataset["question"])) return;
        this.touched = false;
        void this.draft?.discard().then(() => window.location.reload());
      });
    });
  }

  private refuse(errors: FieldErrors): void {
    this.summary.showFields(this.form, this.serverErrors.show(errors));
  }

  private async submitted({ data, errors }: Submission): Promise<void> {
    const { submit } = this.definition;
    if (!submit || this.sending) return;
    if (Object.keys(errors).length > 0) {
      this.summary.showFields(this.form);
      return;
    }
    const missing = missingFields(this.form, translator(pageLanguage())("Field is required."));
    if (Object.keys(missing).length > 0) {
      this.refuse(missing);
      return;
    }
    this.summary.hide();
    this.busy(true);
    try {
      await this.draft?.settled();
      const failed = await this.uploads.finish();
      if (!failed && this.isAskedAboutFiles()) return;
      this.answered(failed ?? (await sendValues(submit, this.uploads.withIds(data), this.key)), submit.after);
    } finally {
      this.busy(false);
    }
  }

  /** Nothing goes on without a refused file unless somebody has said so. */
  private isAskedAboutFiles(): boolean {
    const files = Array.from(this.uploads.leftOut);
    if (files.every(([file]) => this.goesWithout.has(file))) return false;
    this.summary.showLeftOut(
      files.map(([file, why]) => `${file.name}: ${why}`),
      () => {
        files.forEach(([file]) => this.goesWithout.add(file));
        this.form.submit();
      },
    );
    return true;
  }

  private answered(outcome: Outcome, after: string | undefined): void {
    // An answer came: what is sent next is another attempt. Without one it may have arrived: the key stays.
    if (outcome.kind !== "unreachable") this.key = newKey();
    switch (outcome.kind) {
      case "taken":
        this.touched = false;
        this.draft?.end();
        markSent();
        window.location.assign(outcome.location ?? after ?? window.location.href);
        return;
      case "fields":
        this.refuse(outcome.errors);
        return;
      case "signed-out":
        this.summary.showMessage(this.texts.standing[outcome.who], logIn());
        return;
      case "conflict":
        this.summary.showMessage(outcome.detail ?? this.texts.lostRace);
        return;
      case "refused":
        this.summary.showMessage(outcome.detail ?? this.texts.refused);
        return;
      case "unreachable":
        this.summary.showMessage(this.texts.standing.unreachable);
    }
  }

  private busy(now: boolean): void {
    this.sending = now;
    this.root.setAttribute("aria-busy", String(now));
    const status = this.root.querySelector<HTMLElement>("[data-form-status]");
    if (status) status.textContent = now ? this.texts.sending : "";
  }
}

function part(root: HTMLElement, selector: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`[data-form] holds no ${selector}`);
  return element;
}

localizeDatePicker(pageLanguage());
document.querySelectorAll<HTMLElement>("[data-form]").forEach((root) => {
  void new FormOnPage(root, readDefinition(root)).open();
});
