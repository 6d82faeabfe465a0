import type { Form } from "@bpmn-io/form-js-viewer";

import type { FieldErrors } from "./definition";
import { fieldsOnPage, type FieldOnPage } from "./fields";
import { dig, normalized, put } from "./paths";

interface Refusal {
  field: FieldOnPage;
  messages: string[];
  value: string;
}

/**
 * What the server refused, at the fields themselves. form-js has no public way in for errors from outside, and its own
 * check wipes them when a field is left: here each stays until its value was changed or the form is sent again.
 * `told` gives of a value what its changes show in: the key of chosen files stays the same whichever they are.
 */
export class ServerErrors {
  private refusals: Refusal[] = [];

  constructor(
    private readonly form: Form,
    private readonly told: (value: unknown) => unknown,
  ) {
    form.on("changed", () => this.putBack());
    form.on("presubmit", () => (this.refusals = []));
  }

  /** Shows the errors. Returns the messages that belong to no visible field. */
  show(errors: FieldErrors): string[] {
    const fields = fieldsOnPage(this.form);
    const homeless: string[] = [];
    this.takeBack();
    for (const [path, messages] of Object.entries(errors)) {
      const field = fields.find((each) => each.path === normalized(path));
      if (field) this.refusals.push({ field, messages, value: this.valueOf(field) });
      else homeless.push(...messages);
    }
    this.putBack();
    return homeless;
  }

  /** Takes away what was refused before: the same field may have another reason now. */
  private takeBack(): void {
    const shown: unknown = this.form._getState().errors;
    const errors = this.refusals.reduce((all, { field }) => put(all, placeOf(field), undefined), shown);
    this.refusals = [];
    this.form._setState({ errors });
  }

  private putBack(): void {
    this.refusals = this.refusals.filter(({ field, value }) => this.valueOf(field) === value);
    const shown: unknown = this.form._getState().errors;
    const missing = this.refusals.filter(({ field }) => !dig(shown, placeOf(field)));
    if (missing.length === 0) return;
    const errors = missing.reduce((all, { field, messages }) => put(all, placeOf(field), messages), shown);
    this.form._setState({ errors });
  }

  private valueOf(field: FieldOnPage): string {
    return JSON.stringify(this.told(dig(this.form._getState().data, field.path.split(".")))) ?? "";
  }
}

function placeOf(field: FieldOnPage): (string | number)[] {
  return [field.id, ...field.indexes];
}
