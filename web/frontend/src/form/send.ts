import { csrfHeaders } from "../page/csrf";
import { sentAsTheSame, type Standing } from "../page/session";
import type { FieldErrors, FormDefinition } from "./definition";

export type Outcome =
  | { kind: "taken"; location: string | undefined }
  | { kind: "fields"; errors: FieldErrors; detail: string | undefined }
  | { kind: "signed-out"; who: "nobody" | "another" }
  | { kind: "conflict"; detail: string | undefined }
  | { kind: "refused"; detail: string | undefined }
  | { kind: "unreachable" };

type Submit = NonNullable<FormDefinition["submit"]>;

/** Sends the values as JSON. `key` marks this attempt: sent twice by a bad line, it acts once. */
export async function sendValues(submit: Submit, values: Record<string, unknown>, key: string): Promise<Outcome> {
  const body = submit.wrap ? { ...submit.extra, [submit.wrap]: values } : { ...submit.extra, ...values };
  return await request(submit.url, {
    method: submit.method ?? "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(body),
  });
}

/** A mark that no other attempt has. (crypto.randomUUID exists only on https and on localhost.) */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function request(
  url: string,
  init: RequestInit & { headers?: Record<string, string> },
): Promise<Outcome> {
  let response: Response | Standing;
  try {
    response = await sentAsTheSame(() =>
      fetch(url, {
        ...init,
        credentials: "same-origin",
        headers: { Accept: "application/json", ...csrfHeaders(), ...init.headers },
      }),
    );
  } catch {
    return { kind: "unreachable" };
  }
  if (!(response instanceof Response)) return notSent(response);
  const answer = await readJson(response);
  if (response.ok) {
    return { kind: "taken", location: text(answer["location"]) ?? response.headers.get("Location") ?? undefined };
  }
  return refusal(response.status, answer);
}

/** Returns what it means that somebody else, or nobody, is logged in by now. */
export function notSent(standing: Standing): Outcome {
  return standing === "nobody" || standing === "another" ? { kind: "signed-out", who: standing } : { kind: "unreachable" };
}

/** Returns what an answer to something else than `sendValues` means. */
export function outcomeOf(status: number, answer: Record<string, unknown>, taken: boolean): Outcome {
  return taken ? { kind: "taken", location: undefined } : refusal(status, answer);
}

function refusal(status: number, problem: Record<string, unknown>): Outcome {
  const detail = text(problem["detail"]) ?? text(problem["title"]);
  const errors = fieldErrors(problem["errors"]);
  if (errors) return { kind: "fields", errors, detail };
  if (status === 401) return { kind: "signed-out", who: "nobody" };
  if (status === 409) return { kind: "conflict", detail };
  return { kind: "refused", detail };
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  if (!/[/+]json\b/.test(response.headers.get("Content-Type") ?? "")) return {};
  try {
    const answer: unknown = await response.json();
    return typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function fieldErrors(value: unknown): FieldErrors | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(value).map(([path, messages]): [string, string[]] => [
    path,
    (Array.isArray(messages) ? messages : [messages]).map(String),
  ]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
