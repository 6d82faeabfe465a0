declare module "*.css";

// flatpickr ships its languages as modules without types of their own.
declare module "flatpickr/dist/esm/l10n/zh.js" {
  export const Mandarin: import("flatpickr/dist/types/locale").CustomLocale;
}

declare module "flatpickr/dist/esm/l10n/zh-tw.js" {
  export const MandarinTraditional: import("flatpickr/dist/types/locale").CustomLocale;
}
