// On a narrow screen the rows of links scroll sideways: begin where the reader is.
export function showCurrent(root: Document): void {
  for (const current of root.querySelectorAll<HTMLElement>(".frame-nav [aria-current], .tabs [aria-current]")) {
    const row = current.parentElement;
    if (row && row.scrollWidth > row.clientWidth) {
      row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
    }
  }
}
