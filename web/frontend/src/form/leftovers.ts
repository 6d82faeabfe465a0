import type { Texts } from "./texts";

const REMOVE_ROW = /^Remove list item (\d+)$/;

/**
 * Translates the words that form-js 2.0.0 has hard-coded: "Browse" on file fields, "Select" and "Search" in selects,
 * "Remove list item 2" on the rows of lists.
 */
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
    container.querySelectorAll(".fjs-repeat-row-remove").forEach((button) => {
      const [, number] = REMOVE_ROW.exec(button.ariaLabel ?? "") ?? [];
      const label = number && texts.removeRow(number);
      if (label && label !== button.ariaLabel) button.ariaLabel = label;
    });
  };
  const news = { childList: true, characterData: true, attributeFilter: ["aria-label"], subtree: true };
  new MutationObserver(mend).observe(container, news);
  mend();
}
