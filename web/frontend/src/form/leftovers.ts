import type { Texts } from "./texts";

/** Translates the words that form-js 2.0.0 has hard-coded: "Browse" on file fields, "Select" and "Search" in selects. */
export function translateLeftovers(container: HTMLElement, texts: Texts): void {
  const mend = () => {
    container.querySelectorAll(".fjs-filepicker-button").forEach((button) => {
      const text = button.firstChild;
      if (text?.nodeValue === "Browse") text.nodeValue = texts.browse;
    });
    container.querySelectorAll(".fjs-select-placeholder").forEach((display) => {
      const text = display.firstChild;
      if (text?.nodeValue === "Select") text.nodeValue = texts.select;
    });
    container.querySelectorAll<HTMLInputElement>('input[placeholder="Search"]').forEach((input) => {
      if (input.placeholder !== texts.search) input.placeholder = texts.search;
    });
  };
  new MutationObserver(mend).observe(container, { childList: true, characterData: true, subtree: true });
  mend();
}
