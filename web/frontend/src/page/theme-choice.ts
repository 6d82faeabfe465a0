// <select data-theme-choice> with the values auto, light and dark; theme.ts applies the choice on every page.
export function watchThemeChoice(root: Document): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  root.querySelectorAll<HTMLSelectElement>("[data-theme-choice]").forEach((select) => {
    select.value = localStorage.getItem("theme") ?? "auto";
    select.addEventListener("change", () => {
      if (select.value === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", select.value);
      const auto = dark.matches ? "dark" : "light";
      root.documentElement.dataset["bsTheme"] = select.value === "auto" ? auto : select.value;
    });
  });
}
