import { DraftKeeper } from "../form/draft";
import { pageTexts } from "../form/texts";

const OURS = new Set(["csrf_token", "token"]);

// <form data-kept="URL"> is kept on the server while it is filled in; [data-form-kept] in it says when.
export function watchKeptForms(root: Document): void {
  root.querySelectorAll<HTMLFormElement>("form[data-kept]").forEach((form) => {
    const values = () =>
      Object.fromEntries(Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && !OURS.has(name)));
    const keeper = new DraftKeeper(form.dataset["kept"] ?? "", form, values, pageTexts(), "POST");
    form.addEventListener("input", () => keeper.touch());
    // What was sent and refused came back with the page, and is kept from there on.
    if (root.querySelector("[data-error-summary]")) keeper.touch();
    window.addEventListener("beforeunload", (event) => {
      if (keeper.isPending && form.getAttribute("aria-busy") !== "true") event.preventDefault();
    });
  });
}
