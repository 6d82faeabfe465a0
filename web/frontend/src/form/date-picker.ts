import flatpickr from "flatpickr";
import { Mandarin } from "flatpickr/dist/esm/l10n/zh.js";
import { MandarinTraditional } from "flatpickr/dist/esm/l10n/zh-tw.js";

/** Lets the calendars of every date field speak the page's language, weeks beginning on Monday, and read what is
 * typed strictly: flatpickr alone makes another day of what it does not understand. */
export function localizeDatePicker(language: string): void {
  const monday = { firstDayOfWeek: 1 } as const;
  if (language === "zh-Hant") flatpickr.localize({ ...MandarinTraditional, ...monday });
  else if (language === "zh-Hans") flatpickr.localize({ ...Mandarin, ...monday });
  else flatpickr.localize({ ...flatpickr.l10ns.default, ...monday });
  // A plug-in, because flatpickr takes `parseDate` from who makes the calendar only, which is form-js.
  flatpickr.setDefaults({
    plugins: [
      (picker) => {
        picker.config.parseDate = readDay as (text: string, format: string) => Date; // which may be none, whatever the type says
        return {};
      },
    ],
  });
}

/** Reads a day: year first however it is separated, eight digits, or in the order of the field's format. Nothing
 * else is one, and neither is a day that no month has. */
function readDay(text: string, format: string): Date | undefined {
  const yearFirst = /^(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const yearLast = /^(\d{1,2})\D+(\d{1,2})\D+(\d{4})\D*$/.exec(text);
  if (yearFirst) return day(yearFirst[1], yearFirst[2], yearFirst[3]);
  if (!yearLast || /^\W*y/i.test(format)) return undefined;
  const [, first, second, year] = yearLast;
  return /^\W*[dj]/.test(format) ? day(year, second, first) : day(year, first, second);
}

function day(...parts: (string | undefined)[]): Date | undefined {
  const [year = 0, month = 0, date = 0] = parts.map(Number);
  const read = new Date(year, month - 1, date);
  return read.getMonth() === month - 1 && read.getDate() === date ? read : undefined;
}
