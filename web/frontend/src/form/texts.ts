// What this page says by itself, in the three languages of the pages.
export interface Texts {
  /** How many fields the summary lists. */
  summary: (count: number) => string;
  /** One line of it. */
  entry: (label: string, message: string) => string;
  refused: string;
  /** Why something was not sent, by who is logged in by now. */
  standing: { nobody: string; another: string; unreachable: string };
  logIn: string;
  lostRace: string;
  sending: string;
  browse: string;
  search: string;
  select: string;
  kept: (time: string) => string;
  notKept: string;
  notKeptSignedOut: string;
  /** What a page offers whose draft is not the newest. */
  clash: { typed: string; compare: string; takeNewer: string; keepMine: string };
  fileSent: string;
  removeFile: string;
  tooLarge: (megabytes: number) => string;
  /** What a form says that would go on without so many files. */
  filesLeftOut: (count: number) => string;
  sendWithout: string;
  /** The name of the button that takes a row out of a list. */
  removeRow: (number: string) => string;
}

const texts: Record<string, Texts> = {
  "zh-Hant": {
    summary: (count) => `有 ${count} 個欄位需要修正`,
    entry: (label, message) => `${label}：${message}`,
    refused: "無法送出，請稍後再試；若仍失敗，請聯絡系統管理員。",
    standing: {
      nobody: "登入已逾時，資料尚未送出。請在新視窗重新登入，再回到這裡送出；已填寫的內容仍在。",
      another: "這個瀏覽器現在登入的是另一個人，資料尚未送出。請在新視窗以您的帳號重新登入，再回到這裡送出。",
      unreachable: "無法連線到伺服器，資料尚未送出；已填寫的內容仍在，請再試一次。",
    },
    logIn: "登入（新視窗）",
    lostRace: "這件工作已被他人變更，請重新整理頁面。",
    sending: "送出中…",
    browse: "選擇文件",
    search: "搜尋",
    select: "請選擇",
    kept: (time) => `草稿已於 ${time} 保存`,
    notKept: "草稿尚未保存，連線恢復後會再試。",
    notKeptSignedOut: "登入已逾時，草稿尚未保存；請在新視窗重新登入：",
    clash: {
      typed: "您在這裡輸入的內容仍在，只是尚未保存。",
      compare: "在新視窗查看較新的草稿",
      takeNewer: "改用較新的草稿",
      keepMine: "保留我的內容",
    },
    fileSent: "已上傳",
    removeFile: "移除",
    tooLarge: (megabytes) => `文件超過 ${megabytes} MB 的上限`,
    filesLeftOut: (count) => `有 ${count} 個文件未被接受，尚未送出。請移除或換一個文件，或確認不附這些文件：`,
    sendWithout: "不附這些文件，照樣送出",
    removeRow: (number) => `移除第 ${number} 列`,
  },
  "zh-Hans": {
    summary: (count) => `有 ${count} 个字段需要修正`,
    entry: (label, message) => `${label}：${message}`,
    refused: "无法提交，请稍后再试；若仍失败，请联系系统管理员。",
    standing: {
      nobody: "登录已超时，资料尚未提交。请在新窗口重新登录，再回到这里提交；已填写的内容仍在。",
      another: "这个浏览器现在登录的是另一个人，资料尚未提交。请在新窗口以您的账号重新登录，再回到这里提交。",
      unreachable: "无法连接服务器，资料尚未提交；已填写的内容仍在，请再试一次。",
    },
    logIn: "登录（新窗口）",
    lostRace: "这项工作已被他人更改，请刷新页面。",
    sending: "提交中…",
    browse: "选择文件",
    search: "搜索",
    select: "请选择",
    kept: (time) => `草稿已于 ${time} 保存`,
    notKept: "草稿尚未保存，连接恢复后会再试。",
    notKeptSignedOut: "登录已超时，草稿尚未保存；请在新窗口重新登录：",
    clash: {
      typed: "您在这里输入的内容仍在，只是尚未保存。",
      compare: "在新窗口查看较新的草稿",
      takeNewer: "改用较新的草稿",
      keepMine: "保留我的内容",
    },
    fileSent: "已上传",
    removeFile: "移除",
    tooLarge: (megabytes) => `文件超过 ${megabytes} MB 的上限`,
    filesLeftOut: (count) => `有 ${count} 个文件未被接受，尚未提交。请移除或换一个文件，或确认不附这些文件：`,
    sendWithout: "不附这些文件，照样提交",
    removeRow: (number) => `移除第 ${number} 行`,
  },
  en: {
    summary: (count) => (count === 1 ? "1 field needs correction" : `${count} fields need correction`),
    entry: (label, message) => `${label}: ${message}`,
    refused: "This could not be sent. Try again later; if it fails again, tell an administrator.",
    standing: {
      nobody: "You were logged out, and nothing was sent. Log in again in a new window, then send this here; what you typed is still there.",
      another: "Somebody else is logged in in this browser by now, and nothing was sent. Log in as yourself in a new window, then send this here.",
      unreachable: "The server cannot be reached. Nothing was sent yet, and what you typed is still there; try again.",
    },
    logIn: "Log in (new window)",
    lostRace: "Someone else has changed this meanwhile. Load the page anew.",
    sending: "Sending…",
    browse: "Choose files",
    search: "Search",
    select: "Choose",
    kept: (time) => `Draft kept at ${time}`,
    notKept: "The draft is not kept yet; it is tried again.",
    notKeptSignedOut: "You were logged out, and the draft is not kept yet; log in in a new window:",
    clash: {
      typed: "What you typed here still stands, but is not kept.",
      compare: "Look at the newer one in a new window",
      takeNewer: "Take the newer one",
      keepMine: "Keep mine",
    },
    fileSent: "sent",
    removeFile: "Remove",
    tooLarge: (megabytes) => `larger than the ${megabytes} MB that are taken`,
    filesLeftOut: (count) =>
      count === 1
        ? "1 file was not taken, and nothing was sent yet. Remove it or choose another, or say that it goes without:"
        : `${count} files were not taken, and nothing was sent yet. Remove them or choose others, or say that it goes without:`,
    sendWithout: "Send without these files",
    removeRow: (number) => `Remove row ${number}`,
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
