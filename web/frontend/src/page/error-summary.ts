// After a refused submit the server's page carries <div data-error-summary tabindex="-1">: the reader lands there.
export function focusErrorSummary(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-error-summary]")?.focus();
}
