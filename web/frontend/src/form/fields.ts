import type { Form } from "@bpmn-io/form-js-viewer";

import type { FieldErrors } from "./definition";

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
      path: pathText(valuePath),
      indexes: rows,
      domId: ["fjs-form", form._id, id].join("-") + rows.map((row) => `_${row}`).join(""),
      type: field.type,
    };
  });
  return fields.sort(byPlace);
}

/** Shows what the server refused at the fields themselves. Returns the messages that belong to no visible field. */
export function showFieldErrors(form: Form, errors: FieldErrors): string[] {
  const state: Record<string, unknown> = {};
  const homeless: string[] = [];
  const fields = fieldsOnPage(form);
  for (const [path, messages] of Object.entries(errors)) {
    const field = fields.find((each) => each.path === normalized(path));
    if (field) put(state, [field.id, ...field.indexes], messages);
    else homeless.push(...messages);
  }
  // form-js has no public way in for errors from outside; the field forgets its error when it is next edited.
  form._setState({ errors: state });
  return homeless;
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

function pathText(path: (string | number)[]): string {
  return path.join(".");
}

/** `contacts[0].phone`, `contacts/0/phone` and `contacts.0.phone` are the same place. */
function normalized(path: string): string {
  return path.replace(/^\//, "").replace(/\[(\d+)\]/g, ".$1").replaceAll("/", ".");
}

function put(target: Record<string, unknown>, [first, ...rest]: (string | number)[], value: unknown): void {
  const key = String(first);
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = (target[key] ??= {}) as Record<string, unknown>;
  put(inner, rest, value);
}

function dig(source: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], source);
}

function byPlace(left: FieldOnPage, right: FieldOnPage): number {
  const [first, second] = [left, right].map(({ domId }) => document.querySelector(`[id^="${CSS.escape(domId)}"]`));
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
