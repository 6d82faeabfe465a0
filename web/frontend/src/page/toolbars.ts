// [role=toolbar] is one stop for Tab; arrows, Home and End go through its buttons.
export function watchToolbars(root: Document): void {
  root.querySelectorAll<HTMLElement>("[role=toolbar]").forEach((toolbar) => {
    const buttons = Array.from(toolbar.querySelectorAll<HTMLButtonElement>("button"));
    buttons.forEach((button, at) => (button.tabIndex = at === 0 ? 0 : -1));
    toolbar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(event.target as HTMLButtonElement);
      const next = following(event.key, at, buttons.length);
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      buttons.forEach((button, place) => (button.tabIndex = place === next ? 0 : -1));
      buttons[next]?.focus();
    });
  });
}

function following(key: string, at: number, count: number): number | undefined {
  const places: Record<string, number> = {
    ArrowRight: (at + 1) % count,
    ArrowDown: (at + 1) % count,
    ArrowLeft: (at - 1 + count) % count,
    ArrowUp: (at - 1 + count) % count,
    Home: 0,
    End: count - 1,
  };
  return places[key];
}
