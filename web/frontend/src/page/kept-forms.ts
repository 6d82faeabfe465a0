import { DraftKeeper } from "../form/draft";
import { pageTexts } from "../form/texts";

const OURS = new Set(["csrf_token", "token", "revision", "next_revision"]);

// <form data-kept="URL" data-newest="URL"> is kept on the server while it is filled in, over no draft that it has not
// seen; [data-form-kept] in it says when. The form itself is sent with the names of the drafts, too.
export function watchKeptForms(root: Document): void {
  root.querySelectorAll<HTMLFormElement>("form[data-kept]").forEach((form) => {
    const values = () =>
      Object.fromEntries(Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && !OURS.has(name)));
    const newest = new URL(form.dataset["newest"] ?? "", window.location.href).href;
    const keeper = new DraftKeeper(form.dataset["kept"] ?? "", form, values, pageTexts(), "POST", newest);
    keeper.continue(form.querySelector<HTMLInputElement>("input[name=revision]")?.value ?? "");
    form.addEventListener("formdata", ({ formData }) => {
      formData.delete("revision");
      Object.entries(keeper.named()).forEach(([name, value]) => formData.set(name, value ?? ""));
    });
    form.addEventListener("input", () => keeper.touch());
    // What was sent and refused came back with the page, and is kept from there on.
    if (root.querySelector("[data-error-summary]")) keeper.touch();
    window.addEventListener("beforeunload", (event) => {
      if (keeper.isPending && form.getAttribute("aria-busy") !== "true") event.preventDefault();
    });
  });
}
