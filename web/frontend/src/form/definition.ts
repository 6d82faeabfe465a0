import type { Form } from "@bpmn-io/form-js-viewer";

type Schema = Parameters<Form["importSchema"]>[0];

/** What the server hands to a form, as JSON in a <script type="application/json"> inside [data-form]. */
export interface FormDefinition {
  schema: Schema;
  values: Record<string, unknown>;
  /** Where the values go, as JSON. Without it the form is only shown. */
  submit?: {
    url: string;
    /** POST unless told otherwise. */
    method?: string;
    /** The key under which the values stand in the body; without it they are the body. */
    wrap?: string;
    /** What else the body says beside the wrapped values. */
    extra?: Record<string, unknown>;
    /** Where to go when the values were taken and the answer names no `location`. */
    after?: string;
  };
  /** Where file fields send their files, one multipart request each, answered by {document_id}. */
  documents?: string;
  /** Names of the documents among `values`, by id: their fields show them as chosen. */
  files?: Record<string, string>;
  /** The largest file that the server takes, in bytes. */
  mostBytes?: number;
  /** Where a half-filled form is kept (PUT) and thrown away (DELETE). */
  draft?: string;
  /** The revision of the draft that `values` continue; null where there is none. */
  draftRevision?: string | null;
  /** What the server already refused, by path of the field: {"amount": ["..."], "contacts[0].phone": ["..."]}. */
  errors?: FieldErrors;
}

export type FieldErrors = Record<string, string[]>;

export function readDefinition(root: HTMLElement): FormDefinition {
  const text = root.querySelector('script[type="application/json"]')?.textContent;
  if (!text) throw new Error("[data-form] holds no definition: a <script type=application/json> is missing");
  return JSON.parse(text) as FormDefinition;
}
