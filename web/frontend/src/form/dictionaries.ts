// form-js's own words. A test reads form-js for the strings that it asks to be translated and finds each one here.
type Dictionary = Record<string, string>;

const traditional: Dictionary = {
  "Date and time must both be entered.": "日期與時間都必須填寫。",
  "No content to show.": "沒有可顯示的內容。",
  "External content couldn't be loaded.": "無法載入外部內容。",
  Increment: "增加",
  Decrement: "減少",
  "Skip to search": "跳到搜尋",
  "Remove tag": "移除標籤",
  Search: "搜尋",
  "No results": "沒有結果",
  "All values selected": "已全部選取",
  "Nothing to show.": "沒有可顯示的資料。",
  "{page} of {total}": "第 {page} 頁，共 {total} 頁",
  "Previous page": "上一頁",
  "Next page": "下一頁",
  "Click to sort by {value} descending": "按一下依「{value}」由大到小排序",
  "Click to remove sorting": "按一下取消排序",
  "Click to sort by {value} ascending": "按一下依「{value}」由小到大排序",
  "No files selected": "尚未選擇文件",
  "{value} files selected": "已選擇 {value} 個文件",
  "Document reference is not defined.": "未指定文件。",
  "Unable to download document": "無法下載文件",
  "Download {fileName}": "下載 {fileName}",
  "Add new": "新增一列",
  "Expand all ({value})": "全部展開（{value}）",
  Collapse: "收合",
  "Value is not a number.": "請填寫數字。",
  "Value is expected to be an integer.": "請填寫整數。",
  "Value is expected to have at most 1 decimal digit.": "最多 1 位小數。",
  "Value is expected to have at most {value} decimal digits.": "最多 {value} 位小數。",
  "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.":
    "請填寫有效的值，最接近的是 {previousValue} 與 {nextValue}。",
  "Field must match pattern {value}.": "格式不符：{value}。",
  "Field is required.": "此欄位必填。",
  "Field must have minimum value of {value}.": "不得小於 {value}。",
  "Min validation value is not a valid number.": "表單設定的最小值不是數字。",
  "Field must have maximum value of {value}.": "不得大於 {value}。",
  "Max validation value is not a valid number.": "表單設定的最大值不是數字。",
  "Field must have minimum length of {value}.": "至少 {value} 個字。",
  "Field must have maximum length of {value}.": "最多 {value} 個字。",
  "Field must be a valid international phone number. (e.g. +4930664040900)":
    "請填寫含國碼的電話號碼（例如 +8613800138000）。",
  "Field must be a valid email.": "請填寫有效的電子郵件地址。",
  "binding path '{value}' is already claimed": "欄位「{value}」重複。",
};

const simplified: Dictionary = {
  "Date and time must both be entered.": "日期与时间都必须填写。",
  "No content to show.": "没有可显示的内容。",
  "External content couldn't be loaded.": "无法加载外部内容。",
  Increment: "增加",
  Decrement: "减少",
  "Skip to search": "跳到搜索",
  "Remove tag": "移除标签",
  Search: "搜索",
  "No results": "没有结果",
  "All values selected": "已全部选中",
  "Nothing to show.": "没有可显示的数据。",
  "{page} of {total}": "第 {page} 页，共 {total} 页",
  "Previous page": "上一页",
  "Next page": "下一页",
  "Click to sort by {value} descending": "点击按“{value}”降序排列",
  "Click to remove sorting": "点击取消排序",
  "Click to sort by {value} ascending": "点击按“{value}”升序排列",
  "No files selected": "尚未选择文件",
  "{value} files selected": "已选择 {value} 个文件",
  "Document reference is not defined.": "未指定文档。",
  "Unable to download document": "无法下载文档",
  "Download {fileName}": "下载 {fileName}",
  "Add new": "新增一行",
  "Expand all ({value})": "全部展开（{value}）",
  Collapse: "收起",
  "Value is not a number.": "请填写数字。",
  "Value is expected to be an integer.": "请填写整数。",
  "Value is expected to have at most 1 decimal digit.": "最多 1 位小数。",
  "Value is expected to have at most {value} decimal digits.": "最多 {value} 位小数。",
  "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.":
    "请填写有效的值，最接近的是 {previousValue} 与 {nextValue}。",
  "Field must match pattern {value}.": "格式不符：{value}。",
  "Field is required.": "此字段必填。",
  "Field must have minimum value of {value}.": "不得小于 {value}。",
  "Min validation value is not a valid number.": "表单设置的最小值不是数字。",
  "Field must have maximum value of {value}.": "不得大于 {value}。",
  "Max validation value is not a valid number.": "表单设置的最大值不是数字。",
  "Field must have minimum length of {value}.": "至少 {value} 个字。",
  "Field must have maximum length of {value}.": "最多 {value} 个字。",
  "Field must be a valid international phone number. (e.g. +4930664040900)":
    "请填写含国家代码的电话号码（例如 +8613800138000）。",
  "Field must be a valid email.": "请填写有效的电子邮箱地址。",
  "binding path '{value}' is already claimed": "字段“{value}”重复。",
};

const dictionaries: Record<string, Dictionary> = { "zh-Hant": traditional, "zh-Hans": simplified, en: {} };

/** Returns form-js's `translate` for one language; what a dictionary lacks stays English. */
export function translator(language: string): (template: string, replacements?: Record<string, string>) => string {
  const dictionary = dictionaries[language] ?? {};
  return (template, replacements = {}) =>
    (dictionary[template] ?? template).replace(/{([^}]+)}/g, (whole, key: string) => replacements[key] ?? whole);
}
