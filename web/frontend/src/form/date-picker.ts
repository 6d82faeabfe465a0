import flatpickr from "flatpickr";
import { Mandarin } from "flatpickr/dist/esm/l10n/zh.js";
import { MandarinTraditional } from "flatpickr/dist/esm/l10n/zh-tw.js";

/** Lets the calendars of every date field speak the page's language, weeks beginning on Monday. */
export function localizeDatePicker(language: string): void {
  const monday = { firstDayOfWeek: 1 } as const;
  if (language === "zh-Hant") flatpickr.localize({ ...MandarinTraditional, ...monday });
  else if (language === "zh-Hans") flatpickr.localize({ ...Mandarin, ...monday });
  else flatpickr.localize({ ...flatpickr.l10ns.default, ...monday });
}
