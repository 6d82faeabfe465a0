// Loaded in <head> before anything is drawn, so that a dark page never flashes white. It imports nothing and is
// included without type="module", which would make it wait.
{
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("theme");
    root.dataset["bsTheme"] = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
}
