// The WeChat user's phone, played through the stand-in's control interface.

import { call, explain } from "./api.js";
import { byId, element, link, repeat, showList } from "./dom.js";
import { shortTime, whenLanguageChanges, word } from "./language.js";

const CONTROL = "/_control/wechat";
const EVERY = 1000;
const LINKS = /<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs;
const PLACE = { type: "location", latitude: 23.134521, longitude: 113.358803, label: "广州塔", scale: 16 };
const PAGE = { type: "link", title: "Example", description: "example.com", url: "https://example.com/" };

export class WeChat {
  constructor() {
    this.openid = null;
    this.users = [];
    this.shown = "";
    byId("wechat-new").addEventListener("submit", (event) => {
      event.preventDefault();
      this.create(byId("wechat-name").value.trim());
    });
    byId("wechat-user").addEventListener("change", (event) => this.choose(event.target.value));
    byId("wechat-follow").addEventListener("click", () => this.toggleFollow());
    byId("wechat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = byId("wechat-text").value;
      if (text) this.act("messages", { type: "text", text });
      byId("wechat-text").value = "";
    });
    byId("wechat-picture").addEventListener("change", (event) => this.sendPicture(event.target));
    for (const button of document.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => this.useTool(button.dataset.act));
    }
    whenLanguageChanges(() => {
      this.shown = "";
    });
  }

  start() {
    repeat(() => this.refresh(), EVERY);
  }

  async refresh() {
    if (byId("wechat").hidden) return;
    try {
      this.users = (await call("GET", `${CONTROL}/users`)).items;
      if (!this.openid && this.users.length) this.openid = this.users.at(-1).openid;
      if (this.openid) this.show(await call("GET", `${CONTROL}/customers/${this.openid}`));
    } catch (error) {
      this.problem(explain(error));
    }
  }

  show(customer) {
    const state = JSON.stringify([customer, this.users.length]);
    if (state === this.shown || customer.openid !== this.openid) return;
    this.shown = state;
    const options = this.users.map((user) => element("option", { value: user.openid, text: `${user.name} (${user.account})` }));
    byId("wechat-user").replaceChildren(...options);
    byId("wechat-user").value = this.openid;
    byId("wechat-follow").textContent = word(customer.relation === "following" ? "unfollow" : "follow");
    byId("wechat-follow").dataset.next = customer.relation === "following" ? "unfollow" : "follow";
    byId("wechat-typing").hidden = !customer.typing;
    const choose = (option) => this.act("messages", { type: "choice", id: option.id, title: option.content });
    showList(byId("wechat-messages"), customer.timeline.map((entry) => showEntry(entry, choose)));
  }

  choose(openid) {
    this.openid = openid;
    this.shown = "";
    this.refresh();
  }

  async create(name) {
    if (!name) return;
    try {
      const customer = await call("POST", `${CONTROL}/customers?wait=0`, { body: { name, follow: true } });
      byId("wechat-name").value = "";
      this.choose(customer.openid);
    } catch (error) {
      this.problem(explain(error));
    }
  }

  async act(what, body = {}) {
    if (!this.openid) return this.problem(word("newUser"));
    try {
      await call("POST", `${CONTROL}/customers/${this.openid}/${what}?wait=0`, { body });
      this.problem("");
      await this.refresh();
    } catch (error) {
      this.problem(explain(error));
    }
  }

  toggleFollow() {
    this.act(byId("wechat-follow").dataset.next || "follow");
  }

  useTool(tool) {
    if (tool === "voice") return this.act("messages", { type: "voice" });
    if (tool === "location") return this.act("messages", PLACE);
    if (tool === "link") return this.act("messages", PAGE);
    if (tool === "menu") return this.act("menu", { key: "CONTACT_US" });
    const scene = byId("wechat-scene").value.trim();
    return scene ? this.act("scan", { scene }) : byId("wechat-scene").focus();
  }

  async sendPicture(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    this.act("messages", { type: "image", filename: file.name, data: btoa(binary) });
  }

  problem(text) {
    byId("wechat-problem").textContent = text;
  }
}

function part(className, ...children) {
  return element("div", { className: `part ${className}`, children });
}

function stored(kind, content) {
  const address = `${CONTROL}/media/${encodeURIComponent(content.media_id)}`;
  if (kind === "img") return part("image", element("img", { src: address, alt: word("picture") }));
  if (kind === "video") return part("video", element("video", { src: address, controls: true, preload: "none" }));
  return part("voice", `[${word("voice")}]`, content.recognition ? element("div", { className: "small", text: content.recognition }) : null);
}

/** WeChat shows `<a href>` in texts as links; everything else is text. */
function textWithLinks(text) {
  const children = [];
  let end = 0;
  for (const match of text.matchAll(LINKS)) {
    children.push(text.slice(end, match.index), link(match[1], match[2]));
    end = match.index + match[0].length;
  }
  return part("text", ...children, text.slice(end));
}

function menu(content, choose) {
  const options = content.list.map((option) => {
    const button = element("button", { className: "option", type: "button", text: option.content });
    button.addEventListener("click", () => choose(option));
    return button;
  });
  return part("choices", content.head_content, element("div", { className: "options", children: options }), content.tail_content);
}

function card(title, description, address, picture) {
  return part(
    "card",
    element("strong", { text: title }),
    description ? element("div", { className: "small", text: description }) : null,
    picture ? element("div", { className: "small", text: `[${word("picture")}] ${picture}` }) : null,
    address ? link(address) : null,
  );
}

const SENT = {
  text: (content) => part("text", content.text),
  choice: (content) => part("text", content.text),
  image: (content) => stored("img", content),
  voice: (content) => stored("audio", content),
  video: (content) => stored("video", content),
  location: (content) => part("location", `[${word("location")}] ${content.label} ${content.latitude}, ${content.longitude}`),
  link: (content) => card(content.title, content.description, content.url),
  miniprogrampage: (content) => card(content.title, `${content.app_id} ${content.page_path}`),
};

const RECEIVED = {
  text: (content) => textWithLinks(content.content),
  image: (content) => stored("img", content),
  voice: (content) => stored("audio", content),
  video: (content) => stored("video", content),
  music: (content) => card(content.title || "music", content.description, content.musicurl),
  news: (content) => {
    const [article] = content.articles;
    return card(article.title, article.description, article.url, article.picurl);
  },
  msgmenu: menu,
  miniprogrampage: (content) => card(content.title, `${content.appid} ${content.pagepath}`),
};

const EVENTS = {
  subscribe: (content) => (content.scene ? word("followedByScan", content) : word("followed")),
  unsubscribe: () => word("unfollowed"),
  scan: (content) => word("scanned", content),
  menu: (content) => word("clickedMenu", content),
};

function showEntry(entry, choose) {
  const content = entry.content || {};
  if (entry.direction === "event") {
    return element("li", { className: "message event", text: (EVENTS[entry.type] || (() => entry.type))(content) });
  }
  if (entry.direction === "notice") return element("li", { className: "message note", text: content.text });
  const shown = (entry.direction === "sent" ? SENT : RECEIVED)[entry.type];
  const body = shown ? shown(content, choose) : part("card", `${entry.type} ${JSON.stringify(content)}`);
  const state = { sending: "…", failed: "⚠" }[entry.state];
  return element("li", {
    className: entry.direction === "sent" ? "message ours" : "message",
    children: [
      body,
      entry.ai ? element("div", { className: "ai", text: "内容由第三方AI生成" }) : null,
      element("div", {
        className: "meta",
        children: [element("time", { text: shortTime(entry.at * 1000) }), state ? element("span", { text: state }) : null],
      }),
    ],
  });
}
