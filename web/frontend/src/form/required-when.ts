import type { Form } from "@bpmn-io/form-js-viewer";

import type { FieldErrors } from "./definition";
import { fieldsOnPage } from "./fields";
import { dig } from "./paths";

interface Asked {
  properties?: { required?: unknown };
}

/**
 * Returns the visible fields that have to be filled in as the rest was answered and are not, with what to say of each.
 * form-js asks for a value always or never; `properties: {"required": "=decision = \"return\""}` says when. Fields in
 * rows are left to the server, which judges all of them.
 */
export function missingFields(form: Form, message: string): FieldErrors {
  const registry = form.get<{ get(id: string): Asked }>("formFieldRegistry");
  const conditions = form.get<{ check(condition: string, data: unknown): boolean | null }>("conditionChecker");
  const data: unknown = form._getState().data;
  const missing = fieldsOnPage(form).filter(({ id, indexes, path }) => {
    const when = registry.get(id).properties?.required;
    if (typeof when !== "string" || indexes.length > 0 || !isEmpty(dig(data, path.split(".")))) return false;
    return conditions.check(when, data) === true;
  });
  return Object.fromEntries(missing.map(({ path }) => [path, [message]]));
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  return value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);
}
