import { pageTexts } from "../form/texts";
import { markStep } from "./landing";
import { isSure, logIn, standing, type Standing } from "./session";

/** For so long after the page came, the server was there and knew who asks. */
const SURE_MS = 20_000;

// A second click on a slow submit does nothing. The button stays focusable, so that no screen reader loses its place.
// What was typed into a page that has stood for a while is sent only once the server is there and knows who asks:
// otherwise it stays where it is, and the form says what to do. Who leaves a longer text behind is asked.
export function watchSubmissions(root: Document): void {
  let leaving = false;
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented) return;
    if (form.dataset["file"] !== undefined) return; // the answer is a file: the page stays, and may ask again
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    leaving = true;
    if (!isTyped(form) || (performance.now() < SURE_MS && isSure())) return;
    event.preventDefault();
    leaving = false;
    void standing().then((now) => {
      if (now !== "same") return stay(form, now);
      leaving = true;
      markStep(root, form);
      sendAs(form, event.submitter);
    });
  });
  // Back from the next page, the form may be sent again.
  window.addEventListener("pageshow", () => {
    leaving = false;
    root.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && Array.from(root.forms).some(holdsText)) event.preventDefault();
  });
}

function isTyped(form: HTMLFormElement): boolean {
  return form.method === "post" && Array.from(form.elements).some(isChanged);
}

function holdsText(form: HTMLFormElement): boolean {
  if (form.method !== "post" || form.dataset["kept"] !== undefined) return false;
  return Array.from(form.querySelectorAll("textarea")).some((area) => isChanged(area) && area.checkVisibility());
}

function isChanged(field: Element): boolean {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type === "file" ? (field.files?.length ?? 0) > 0 : field.value !== field.defaultValue;
}

function stay(form: HTMLFormElement, why: Exclude<Standing, "same">): void {
  const texts = pageTexts();
  const said = form.querySelector<HTMLElement>("[data-not-sent]") ?? document.createElement("div");
  said.className = "alert alert-danger";
  said.dataset["notSent"] = "";
  said.tabIndex = -1;
  said.setAttribute("role", "alert");
  said.replaceChildren(texts.standing[why]);
  if (why !== "unreachable") said.append(" ", logIn());
  form.prepend(said);
  form.removeAttribute("aria-busy");
  said.focus();
}

/** Sends the form as the button would have. */
function sendAs(form: HTMLFormElement, submitter: HTMLElement | null): void {
  if (submitter instanceof HTMLButtonElement && submitter.name) {
    const said = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(said);
    window.addEventListener("pageshow", () => said.remove(), { once: true });
  }
  if (submitter?.hasAttribute("formaction")) form.action = (submitter as HTMLButtonElement).formAction;
  form.submit();
}
