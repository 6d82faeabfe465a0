// Passkeys on the pages of the login and the account. Where the browser cannot, their buttons stay hidden.
import { csrfHeaders } from "./page/csrf";

type Place = HTMLElement & { dataset: { options?: string; answer?: string; next?: string } };

const able = window.isSecureContext && "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;

async function send(url: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...csrfHeaders() },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(String(answer["detail"] ?? response.status));
  return answer;
}

async function goOn(place: Place, credential: Credential | null, more: Record<string, unknown>): Promise<void> {
  if (!(credential instanceof PublicKeyCredential)) return;
  const done = await send(place.dataset.answer ?? "", { credential: credential.toJSON(), ...more });
  window.location.assign(String(done["next"]));
}

async function logIn(place: Place): Promise<void> {
  const options = await send(place.dataset.options ?? "", {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  await goOn(place, await navigator.credentials.get({ publicKey }), { next: place.dataset.next });
}

async function make(place: Place): Promise<void> {
  const options = await send(place.dataset.options ?? "", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  const name = place.querySelector("input")?.value;
  await goOn(place, await navigator.credentials.create({ publicKey }), { name });
}

/** Somebody who changes their mind is no error; everything else is told where it was asked for. */
function telling(work: () => Promise<void>): void {
  const place = document.querySelector<HTMLElement>("[data-passkey-error]");
  if (place) place.hidden = true;
  work().catch((error: unknown) => {
    if (!place || (error instanceof DOMException && error.name === "NotAllowedError")) return;
    place.textContent = error instanceof Error ? error.message : String(error);
    place.hidden = false;
  });
}

if (able) {
  document.querySelectorAll<Place>("[data-passkey-login]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => telling(() => logIn(button)));
  });
  document.querySelectorAll<Place>("[data-passkey-maker]").forEach((maker) => {
    maker.hidden = false;
    maker.querySelector("[data-passkey-make]")?.addEventListener("click", () => telling(() => make(maker)));
  });
  document.querySelectorAll<HTMLElement>("[data-passkey-missing]").forEach((note) => (note.hidden = true));
}
