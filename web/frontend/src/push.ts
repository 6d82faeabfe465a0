// Being told of things on this device: asks the browser for an address at its maker's push service and gives it to
// the server. Each way in which that can fail is said where it was asked for, in the words that the page holds.
import { csrfHeaders } from "./page/csrf";

type Place = HTMLElement & { dataset: { pushKey?: string; answer?: string; denied?: string; away?: string } };

const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window;

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function idOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 32);
}

async function subscribe(place: Place): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register("/push-worker.js");
  await navigator.serviceWorker.ready;
  const applicationServerKey = bytes(place.dataset.pushKey ?? "");
  const old = await registration.pushManager.getSubscription();
  if (old) await old.unsubscribe();
  try {
    return await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  } catch (error) {
    throw new Error(place.dataset.away, { cause: error });
  }
}

async function turnOn(place: Place): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Error(place.dataset.denied);
  const subscription = await subscribe(place);
  const response = await fetch(place.dataset.answer ?? "", {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...csrfHeaders() },
    body: JSON.stringify({ ...subscription.toJSON(), name: place.querySelector("input")?.value }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) {
    await subscription.unsubscribe();
    throw new Error(String(answer["detail"] ?? response.status));
  }
  window.location.assign(String(answer["next"]));
}

/** Mark the device that this browser is among those of the list. */
async function markThis(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return;
  const id = await idOf(subscription.endpoint);
  const mark = document.querySelector<HTMLElement>(`[data-push-device="${id}"] [data-push-this]`);
  if (mark) mark.hidden = false;
}

function tell(text: string): void {
  const place = document.querySelector<HTMLElement>("[data-push-error]");
  if (!place) return;
  place.textContent = text;
  place.hidden = text === "";
}

const place = document.querySelector<Place>("[data-push-key]");
if (able && place) {
  place.hidden = false;
  document.querySelectorAll<HTMLElement>("[data-push-missing]").forEach((note) => (note.hidden = true));
  const button = place.querySelector<HTMLButtonElement>("button");
  button?.addEventListener("click", () => {
    tell("");
    button.disabled = true;
    turnOn(place)
      .catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)))
      .finally(() => (button.disabled = false));
  });
  markThis().catch(() => undefined); // a browser without a push service has nothing to mark
}
