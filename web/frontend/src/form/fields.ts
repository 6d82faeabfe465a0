import type { Form } from "@bpmn-io/form-js-viewer";

import { dig } from "./paths";

/** A field as it stands on the page: one of a dynamic list stands there once for each row. */
export interface FieldOnPage {
  id: string;
  label: string;
  path: string;
  indexes: number[];
  domId: string;
  type: string;
}

interface Instance {
  id: string;
  valuePath: (string | number)[];
  indexes?: Record<string, number>;
}

interface Field {
  id: string;
  type: string;
  label?: string;
  key?: string;
  dateLabel?: string;
}

/** Returns the fields that carry a value and are visible, in the order in which they are read. */
export function fieldsOnPage(form: Form): FieldOnPage[] {
  const registry = form.get<{ get(id: string): Field }>("formFieldRegistry");
  const instances = form.get<{ getAllKeyed(): Instance[] }>("formFieldInstanceRegistry").getAllKeyed();
  const fields = instances.map(({ id, valuePath, indexes }) => {
    const field = registry.get(id);
    const rows = Object.values(indexes ?? {});
    return {
      id,
      label: field.label || field.dateLabel || field.key || id,
      path: valuePath.join("."),
      indexes: rows,
      domId: ["fjs-form", form._id, id].join("-") + rows.map((row) => `_${row}`).join(""),
      type: field.type,
    };
  });
  return fields.sort(byPlace);
}

/** Returns the visible fields that have an error in form-js's own state, with their first message. */
export function fieldsInError(form: Form): { field: FieldOnPage; message: string }[] {
  const { errors } = form._getState();
  return fieldsOnPage(form).flatMap((field) => {
    const messages = dig(errors, [field.id, ...field.indexes]);
    return Array.isArray(messages) && typeof messages[0] === "string" ? [{ field, message: messages[0] }] : [];
  });
}

/** Moves the focus to what a field is filled in with: some have their id on a group around it, or on a hidden input. */
export function focusField(field: FieldOnPage): void {
  const marked = document.getElementById(field.domId);
  const around = marked ?? document.querySelector(`[id^="${CSS.escape(field.domId)}"]`);
  const reachable = 'input:not(.fjs-hidden):not([type="hidden"]), textarea, select, button, [tabindex="0"]';
  const element = around?.matches(reachable)
    ? around
    : (around?.querySelector(reachable) ?? around?.closest(".fjs-form-field")?.querySelector(reachable));
  (element as HTMLElement | null | undefined)?.focus();
  element?.scrollIntoView({ block: "center" });
}

function byPlace(left: FieldOnPage, right: FieldOnPage): number {
  const [first, second] = [left, right].map(({ domId }) => document.querySelector(`[id^="${CSS.escape(domId)}"]`));
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
