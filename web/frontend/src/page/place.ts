const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";

/**
 * Remembers where the focus is in a part that news may replace; the result puts it back: to the same control of the
 * same row, else to the row, else to the row that stands in its place now. Nobody at the keyboard is thrown out of
 * the list because somebody else took a task.
 */
export function keepPlace(root: Document): () => void {
  const active = root.activeElement;
  const part = active?.closest<HTMLElement>("[data-poll-part]");
  if (!active || !part) return () => undefined;
  const row = active.closest<HTMLElement>("[data-row]");
  const place = { row: row ? address(row) : undefined, index: row ? rows(part).indexOf(row) : -1 };
  const at = controls(row ?? part).indexOf(active as HTMLElement);
  return () => {
    if (active.isConnected) return;
    const same = row ? rows(part).find((each) => address(each) === place.row) : part;
    const there = same && controls(same)[at];
    if (there && there.tagName === active.tagName) there.focus();
    else goToRow(part, same && row ? same : rows(part).at(Math.min(Math.max(place.index, 0), rows(part).length - 1)));
  };
}

function goToRow(part: HTMLElement, row: HTMLElement | undefined): void {
  const target = row?.querySelector<HTMLElement>("[data-row-link]") ?? part.querySelector<HTMLElement>(CONTROLS) ?? part;
  target.focus();
}

function rows(part: HTMLElement): HTMLElement[] {
  return Array.from(part.querySelectorAll<HTMLElement>("[data-row]"));
}

function address(row: HTMLElement): string | undefined {
  return row.querySelector<HTMLAnchorElement>("[data-row-link]")?.href;
}

/** What can be used in a row; of a part, what can be used beside its rows. */
function controls(within: HTMLElement): HTMLElement[] {
  const all = Array.from(within.querySelectorAll<HTMLElement>(CONTROLS)).filter((each) => !each.hidden);
  return within.matches("[data-row]") ? all : all.filter((each) => !each.closest("[data-row]"));
}
