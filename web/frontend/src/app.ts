// What every page loads: the look, htmx, and behaviours that work on attributes. Pages work without any of it.
import "bootstrap/dist/css/bootstrap.css";
import "./styles/app.css";
import "./styles/colours.css";
import "./styles/frame.css";
import "./styles/content.css";
import "./styles/measures.css";
import "./styles/training.css";
import "./styles/begun.css";
import "./styles/accountability.css";
import "./styles/texts.css";
import "./styles/print.css";
import "./styles/forced-colours.css";
import htmx from "htmx.org";

import { watchBulk } from "./page/bulk";
import { closeMenusOutside } from "./page/menus";
import { watchConfirmations } from "./page/confirmation";
import { csrfHeaders } from "./page/csrf";
import { watchInsertions } from "./page/insertions";
import { watchKeys } from "./page/keys";
import { watchKeptForms } from "./page/kept-forms";
import { watchLanding } from "./page/landing";
import { watchLater } from "./page/later";
import { watchRestDays } from "./page/rest-days";
import { watchDialogs } from "./page/dialogs";
import { focusErrorSummary } from "./page/error-summary";
import { showCurrent } from "./page/current";
import { watchPoll } from "./page/poll";
import { watchSubmissions } from "./page/submissions";
import { watchTexts } from "./page/texts";
import { watchThemeChoice } from "./page/theme-choice";
import { watchToolbars } from "./page/toolbars";

htmx.config.history = "reload";

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>).detail;
  Object.assign(ctx.request.headers, csrfHeaders());
});

watchBulk(document);
watchConfirmations(document);
watchDialogs(document);
watchInsertions(document);
watchKeys(document);
watchKeptForms(document);
watchLater(document);
watchRestDays(document);
closeMenusOutside(document);
watchPoll(document);
watchSubmissions(document);
watchTexts(document);
watchThemeChoice(document);
watchToolbars(document);
focusErrorSummary(document);
watchLanding(document);
showCurrent(document);
