// A page may stand open for longer than its session, or than the network: before something is given up for lost, ask
// who is logged in in this browser by now. <meta name="csrf-token" data-session="URL" data-person="who"> tells where.
import { pageTexts } from "../form/texts";
import { csrfHeaders } from "./csrf";

const PATIENCE_MS = 15_000;

/** `same`: the one whom the page was made for, and its tokens are fresh again. */
export type Standing = "same" | "nobody" | "another" | "unreachable";

export async function standing(): Promise<Standing> {
  const found = await asked();
  document.documentElement.dataset["standing"] = found; // other scripts of the page know, too
  return found;
}

/** Whether nothing has shown yet that the page's session or the network is gone. */
export function isSure(): boolean {
  return (document.documentElement.dataset["standing"] ?? "same") === "same" && navigator.onLine;
}

async function asked(): Promise<Standing> {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');
  const url = meta?.dataset["session"];
  if (!meta || !url) return "same";
  let answer: { person: string; csrf_token: string };
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return "unreachable";
    answer = (await response.json()) as typeof answer;
  } catch {
    return "unreachable";
  }
  const expected = meta.dataset["person"];
  if (expected && answer.person !== expected) return answer.person ? "another" : "nobody";
  meta.content = answer.csrf_token;
  document.querySelectorAll<HTMLInputElement>("input[name=csrf_token]").forEach((each) => (each.value = answer.csrf_token));
  return "same";
}

/**
 * Sends once more where the answer says that the page's token or session is too old and it turns out that the same
 * person has logged in again. `send` reads the token when it is called.
 */
export async function sentAsTheSame<Answer extends { status: number }>(send: () => Promise<Answer>): Promise<Answer | Standing> {
  const answer = await send();
  if (answer.status !== 400 && answer.status !== 401) return answer;
  const token = csrfHeaders();
  const now = await standing();
  if (now !== "same") return now;
  return csrfHeaders()["X-CSRFToken"] === token["X-CSRFToken"] ? answer : await send();
}

/** A link to the login in a window of its own: this one keeps what was typed. */
export function logIn(): HTMLAnchorElement {
  return Object.assign(document.createElement("a"), { href: "/login", target: "_blank", textContent: pageTexts().logIn });
}
