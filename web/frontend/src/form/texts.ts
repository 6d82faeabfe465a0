// What this page says by itself, in the three languages of the pages.
export interface Texts {
  /** How many fields the summary lists. */
  summary: (count: number) => string;
  /** One line of it. */
  entry: (label: string, message: string) => string;
  refused: string;
  signedOut: string;
  lostRace: string;
  unreachable: string;
  sending: string;
  browse: string;
  search: string;
  select: string;
  kept: (time: string) => string;
  notKept: string;
  fileSent: string;
  tooLarge: (megabytes: number) => string;
}

const texts: Record<string, Texts> = {
  "zh-Hant": {
    summary: (count) => `有 ${count} 個欄位需要修正`,
    entry: (label, message) => `${label}：${message}`,
    refused: "無法送出，請稍後再試；若仍失敗，請聯絡系統管理員。",
    signedOut: "登入已逾時，請重新登入後再送出。",
    lostRace: "這件工作已被他人變更，請重新整理頁面。",
    unreachable: "無法連線到伺服器，資料尚未送出，請再試一次。",
    sending: "送出中…",
    browse: "選擇檔案",
    search: "搜尋",
    select: "請選擇",
    kept: (time) => `草稿已於 ${time} 保存`,
    notKept: "草稿尚未保存，連線恢復後會再試。",
    fileSent: "已上傳",
    tooLarge: (megabytes) => `檔案超過 ${megabytes} MB 的上限`,
  },
  "zh-Hans": {
    summary: (count) => `有 ${count} 个字段需要修正`,
    entry: (label, message) => `${label}：${message}`,
    refused: "无法提交，请稍后再试；若仍失败，请联系系统管理员。",
    signedOut: "登录已超时，请重新登录后再提交。",
    lostRace: "这项工作已被他人更改，请刷新页面。",
    unreachable: "无法连接服务器，资料尚未提交，请再试一次。",
    sending: "提交中…",
    browse: "选择文件",
    search: "搜索",
    select: "请选择",
    kept: (time) => `草稿已于 ${time} 保存`,
    notKept: "草稿尚未保存，连接恢复后会再试。",
    fileSent: "已上传",
    tooLarge: (megabytes) => `文件超过 ${megabytes} MB 的上限`,
  },
  en: {
    summary: (count) => (count === 1 ? "1 field needs correction" : `${count} fields need correction`),
    entry: (label, message) => `${label}: ${message}`,
    refused: "This could not be sent. Try again later; if it fails again, tell an administrator.",
    signedOut: "You were signed out. Sign in again, then send this.",
    lostRace: "Someone else has changed this meanwhile. Load the page anew.",
    unreachable: "The server cannot be reached. Nothing was sent yet; try again.",
    sending: "Sending…",
    browse: "Choose files",
    search: "Search",
    select: "Choose",
    kept: (time) => `Draft kept at ${time}`,
    notKept: "The draft is not kept yet; it is tried again.",
    fileSent: "sent",
    tooLarge: (megabytes) => `larger than the ${megabytes} MB that are taken`,
  },
};

/** The page's language as one of the three that the pages have. */
export function pageLanguage(): "zh-Hant" | "zh-Hans" | "en" {
  const tag = document.documentElement.lang.toLowerCase();
  if (/^zh-(hans|cn|sg)/.test(tag)) return "zh-Hans";
  return tag.startsWith("en") ? "en" : "zh-Hant";
}

export function pageTexts(): Texts {
  return texts[pageLanguage()] as Texts;
}
