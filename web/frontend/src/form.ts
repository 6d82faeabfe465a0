// A form drawn in the form editor, to be filled in: README.md tells what the page must hold.
import "@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import "./styles/form.css";
import { Form } from "@bpmn-io/form-js-viewer";

import { localizeDatePicker } from "./form/date-picker";
import { readDefinition, type FormDefinition } from "./form/definition";
import { translator } from "./form/dictionaries";
import { FileSender } from "./form/files";
import { translateLeftovers } from "./form/leftovers";
import { newKey, sendValues, type Outcome } from "./form/send";
import { ServerErrors } from "./form/server-errors";
import { ErrorSummary } from "./form/summary";
import { pageLanguage, pageTexts } from "./form/texts";

type FormOptions = NonNullable<ConstructorParameters<typeof Form>[0]>;

interface Submission {
  data: Record<string, unknown>;
  errors: Record<string, unknown>;
  files: Map<string, File[]>;
}

/** One form on the page, from its definition to the server's answer. */
class FormOnPage {
  private readonly texts = pageTexts();
  private readonly summary: ErrorSummary;
  private readonly files: FileSender;
  private readonly form: Form;
  private readonly serverErrors: ServerErrors;
  private key = newKey();
  private sending = false;
  private touched = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly definition: FormDefinition,
  ) {
    const canvas = part(root, "[data-form-canvas]");
    this.summary = new ErrorSummary(part(root, "[data-form-summary]"), this.texts);
    this.files = new FileSender(definition.documents);
    this.form = new Form({
      container: canvas,
      properties: { readOnly: !definition.submit },
      // By default form-js takes what was typed after 300 ms without a key, and forgets it when something else
      // redraws the field meanwhile.
      debounce: false,
      additionalModules: [{ translate: ["value", translator(pageLanguage())] }],
    } as FormOptions & { debounce: false });
    this.serverErrors = new ServerErrors(this.form);
    translateLeftovers(canvas, this.texts);
  }

  async open(): Promise<void> {
    await this.form.importSchema(this.definition.schema, this.definition.values);
    this.form.on("submit", (submission: Submission) => void this.submitted(submission));
    this.form.on("field.updated", () => (this.touched = true));
    this.root.querySelectorAll("[data-form-submit]").forEach((button) => {
      button.addEventListener("click", () => this.form.submit());
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.touched) event.preventDefault();
    });
    this.root.dataset["ready"] = "true";
    // The fields are drawn in the next frame; only then can an error find its field.
    if (this.definition.errors) {
      const { errors } = this.definition;
      requestAnimationFrame(() => this.summary.showFields(this.form, this.serverErrors.show(errors)));
    }
  }

  private async submitted({ data, errors, files }: Submission): Promise<void> {
    const { submit } = this.definition;
    if (!submit || this.sending) return;
    if (Object.keys(errors).length > 0) {
      this.summary.showFields(this.form);
      return;
    }
    this.summary.hide();
    this.busy(true);
    try {
      const values = structuredClone(data);
      const failed = await this.files.replaceKeys(values, files);
      this.answered(failed ?? (await sendValues(submit, values, this.key)), submit.after);
    } finally {
      this.busy(false);
    }
  }

  private answered(outcome: Outcome, after: string | undefined): void {
    // An answer came: what is sent next is another attempt. Without one it may have arrived: the key stays.
    if (outcome.kind !== "unreachable") this.key = newKey();
    switch (outcome.kind) {
      case "taken":
        this.touched = false;
        window.location.assign(outcome.location ?? after ?? window.location.href);
        return;
      case "fields":
        this.summary.showFields(this.form, this.serverErrors.show(outcome.errors));
        return;
      case "signed-out":
        this.summary.showMessage(this.texts.signedOut);
        return;
      case "conflict":
        this.summary.showMessage(outcome.detail ?? this.texts.lostRace);
        return;
      case "refused":
        this.summary.showMessage(outcome.detail ?? this.texts.refused);
        return;
      case "unreachable":
        this.summary.showMessage(this.texts.unreachable);
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
