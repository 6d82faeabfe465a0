import type { Form } from "@bpmn-io/form-js-viewer";

import { fieldsInError, focusField } from "./fields";
import type { Texts } from "./texts";

/** The box above a form that says what is wrong, with a link to each field, and takes the focus (WCAG 3.3.1). */
export class ErrorSummary {
  private readonly heading = document.createElement("h2");
  private readonly list = document.createElement("ul");

  constructor(
    private readonly box: HTMLElement,
    private readonly texts: Texts,
  ) {
    this.heading.className = "h6";
    this.list.className = "mb-0";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    box.replaceChildren(this.heading, this.list);
    this.hide();
  }

  hide(): void {
    this.box.hidden = true;
  }

  /** Lists the fields in error, then what belongs to no field; nothing to list hides the box. */
  showFields(form: Form, others: string[] = []): void {
    const wrong = fieldsInError(form);
    const items = wrong.map(({ field, message }) => {
      const link = document.createElement("a");
      link.href = `#${field.domId}`;
      link.textContent = this.texts.entry(field.label, message);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        focusField(field);
      });
      return listItem(link);
    });
    items.push(...others.map((message) => listItem(message)));
    this.show(this.texts.summary(items.length), items);
  }

  /** Says what would be left out, and offers to send the rest all the same. */
  showLeftOut(lines: string[], goOn: () => void): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline-danger";
    button.textContent = this.texts.sendWithout;
    button.addEventListener("click", goOn);
    this.show(this.texts.filesLeftOut(lines.length), [...lines, button].map(listItem));
  }

  /** Says one thing that is wrong with the whole, and where it is put right. */
  showMessage(message: string, way?: HTMLElement): void {
    this.show(message, way ? [listItem(way)] : []);
  }

  private show(title: string, items: HTMLLIElement[]): void {
    this.heading.textContent = title;
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.box.hidden = false;
    this.box.focus();
  }
}

function listItem(content: Node | string): HTMLLIElement {
  const item = document.createElement("li");
  item.append(content);
  return item;
}
