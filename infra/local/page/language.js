// The page's words in English and Chinese.

import { byId } from "./dom.js";

const WORDS = {
  en: {
    language: "中文",
    skip: "Skip to the reply",
    tagline: "Customers on the right, agent in the middle",
    conversations: "Conversations",
    noConversations: "Nobody has written yet. Be a customer on the right.",
    desk: "Choose a conversation",
    messages: "Messages",
    reply: "Reply",
    replyHint: "Reply… (Enter sends, Shift+Enter breaks the line)",
    more: "Choices, picture, route",
    choices: "Choices, one a line",
    choicesHint: "Yes\nNo",
    imageAddress: "Address of a picture (https)",
    route: "Send by",
    routeLatest: "Where the customer wrote last",
    asBot: "Written by a machine",
    send: "Send",
    close: "Close",
    reopen: "Reopen",
    customers: "Customers",
    webchat: "Web chat",
    wechat: "WeChat",
    email: "Email",
    emailAddress: "Address of the customer",
    emailHint: "Any address will do. Mail from trusted.example proves who it is from, mail from elsewhere does not.",
    newMail: "New mail",
    noMails: "No mail here yet.",
    emailNoSubject: "(no subject)",
    emailTo: "To {address}",
    emailBack: "Back",
    emailText: "Text",
    emailHtml: "HTML",
    emailRaw: "Original (.eml)",
    emailRecipient: "To",
    emailSubject: "Subject",
    emailBody: "Text",
    emailFiles: "Files",
    slack: "Slack",
    writeAs: "Write as",
    place: "Where",
    kind: "Who it is",
    customer: "customer",
    staff: "staff",
    partner: "partner",
    directWith: "DM: {name}",
    sharedChannel: "shared",
    writeInSlack: "Write in Slack…",
    sendCommand: "Send it as a slash command",
    replyInThread: "Reply",
    edit: "Edit",
    remove: "Delete",
    edited: "(edited)",
    writingInThread: "Reply in the thread",
    editingMessage: "Changing a message",
    cancel: "Cancel",
    visitor: "Visitor",
    newVisitor: "New visitor",
    writeAsVisitor: "Write as the visitor…",
    attach: "Attach a file",
    typing: "The agent is typing…",
    continuesOn: "continues on {channel}",
    linkOffered: "Is this your own link? Whoever made it will see what you write here from now on.",
    linkAccept: "Continue the conversation here",
    wechatTyping: "The other side is typing…",
    wechatUser: "WeChat user",
    name: "Name of a new user",
    newUser: "New user",
    writeAsUser: "Write as the WeChat user…",
    sendOther: "Send something else",
    picture: "Picture",
    voice: "Voice",
    location: "Location",
    link: "Link",
    menu: "Menu",
    scan: "Scan",
    scene: "QR scene",
    follow: "Follow",
    unfollow: "Unfollow",
    followed: "followed the account",
    followedByScan: "followed by scanning {scene}",
    unfollowed: "unfollowed the account",
    scanned: "scanned {scene}",
    clickedMenu: "tapped the menu: {key}",
    offline: "No connection to the API, trying again",
    online: "online",
    connecting: "connecting",
    waiting: "offline, trying again",
    sending: "sending",
    chosen: "Chosen: {title}",
    unsupported: "Not understood: {type} ({reason})",
    pending: "file on its way",
    expired: "file no longer available",
    rejected: "file refused",
    withheld: "file withheld",
    degraded: "shown as {target} instead of {source}",
    byMachine: "machine",
    byEcho: "provider's app",
    canReply: "can reply",
    until: "until {time}",
    left: "{count} left",
    closed: "closed",
    queued: "queued",
    sent: "sent",
    delivered: "delivered",
    read: "read",
    failed: "failed",
    unknown: "unknown whether it arrived",
    open: "open",
  },
  zh: {
    language: "English",
    skip: "跳到回复框",
    tagline: "右侧是客户，中间是客服",
    conversations: "会话",
    noConversations: "还没有人来信。请在右侧扮演客户。",
    desk: "请选择会话",
    messages: "消息",
    reply: "回复",
    replyHint: "回复……（回车发送，Shift+回车换行）",
    more: "选项、图片、渠道",
    choices: "选项，每行一个",
    choicesHint: "是\n否",
    imageAddress: "图片地址（https）",
    route: "发送渠道",
    routeLatest: "客户最近使用的渠道",
    asBot: "由机器生成",
    send: "发送",
    close: "关闭会话",
    reopen: "重新打开",
    customers: "客户",
    webchat: "网页聊天",
    wechat: "微信",
    email: "邮件",
    emailAddress: "客户的邮箱地址",
    emailHint: "可填任意地址。来自 trusted.example 的邮件能证明发件人身份，其他域名不能。",
    newMail: "写邮件",
    noMails: "还没有邮件。",
    emailNoSubject: "（无主题）",
    emailTo: "收件人 {address}",
    emailBack: "返回",
    emailText: "纯文本",
    emailHtml: "HTML",
    emailRaw: "原始邮件（.eml）",
    emailRecipient: "收件人",
    emailSubject: "主题",
    emailBody: "正文",
    emailFiles: "附件",
    slack: "Slack",
    writeAs: "发言身份",
    place: "位置",
    kind: "身份",
    customer: "客户",
    staff: "员工",
    partner: "合作公司",
    directWith: "私信：{name}",
    sharedChannel: "共享",
    writeInSlack: "在 Slack 中输入……",
    sendCommand: "作为斜杠命令发送",
    replyInThread: "回复",
    edit: "编辑",
    remove: "删除",
    edited: "（已编辑）",
    writingInThread: "在消息串中回复",
    editingMessage: "正在编辑消息",
    cancel: "取消",
    visitor: "访客",
    newVisitor: "新访客",
    writeAsVisitor: "以访客身份输入……",
    attach: "添加文件",
    typing: "客服正在输入……",
    continuesOn: "会话在{channel}中继续",
    linkOffered: "这是您自己的链接吗？生成此链接的人将看到您此后在这里写的内容。",
    linkAccept: "在此继续会话",
    wechatTyping: "对方正在输入……",
    wechatUser: "微信用户",
    name: "新用户的名字",
    newUser: "新用户",
    writeAsUser: "以微信用户身份输入……",
    sendOther: "发送其他内容",
    picture: "图片",
    voice: "语音",
    location: "位置",
    link: "链接",
    menu: "菜单",
    scan: "扫码",
    scene: "二维码场景",
    follow: "关注",
    unfollow: "取消关注",
    followed: "关注了公众号",
    followedByScan: "扫码关注（{scene}）",
    unfollowed: "取消了关注",
    scanned: "扫描了二维码 {scene}",
    clickedMenu: "点击了菜单：{key}",
    offline: "无法连接 API，正在重试",
    online: "在线",
    connecting: "正在连接",
    waiting: "离线，正在重试",
    sending: "发送中",
    chosen: "已选择：{title}",
    unsupported: "无法识别：{type}（{reason}）",
    pending: "文件传输中",
    expired: "文件已过期",
    rejected: "文件被拒绝",
    withheld: "文件已隐藏",
    degraded: "{source} 改以 {target} 显示",
    byMachine: "机器",
    byEcho: "平台自带应用",
    canReply: "可回复",
    until: "至 {time}",
    left: "剩余 {count} 条",
    closed: "已关闭",
    queued: "排队中",
    sent: "已发送",
    delivered: "已送达",
    read: "已读",
    failed: "失败",
    unknown: "不确定是否送达",
    open: "进行中",
  },
};

const STORED = "onethread.language";
let current = localStorage.getItem(STORED) || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
const listeners = [];

/** The word for `key`, with {names} filled in. */
export function word(key, values = {}) {
  const text = WORDS[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const whenLanguageChanges = (listener) => listeners.push(listener);

/** Clock time today, else the date with it. */
export function shortTime(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? {} : { month: "short", day: "numeric" };
  return date.toLocaleString(current, { ...day, hour: "2-digit", minute: "2-digit" });
}

export function applyLanguage() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  for (const marked of document.querySelectorAll("[data-text]")) marked.textContent = word(marked.dataset.text);
  for (const marked of document.querySelectorAll("[data-placeholder]")) {
    marked.placeholder = word(marked.dataset.placeholder);
  }
  for (const marked of document.querySelectorAll("[data-label]")) {
    marked.setAttribute("aria-label", word(marked.dataset.label));
  }
  for (const marked of document.querySelectorAll("[data-title]")) marked.title = word(marked.dataset.title);
  const toggle = byId("language");
  toggle.textContent = word("language");
  toggle.lang = current === "zh" ? "en" : "zh-CN";
  for (const listener of listeners) listener();
}

export function startLanguage() {
  byId("language").addEventListener("click", () => {
    current = current === "zh" ? "en" : "zh";
    localStorage.setItem(STORED, current);
    applyLanguage();
  });
  applyLanguage();
}
