// Starts the page: words, desk, and the customers there are channels for.

import { Api, call, explain } from "./api.js";
import { Desk } from "./desk.js";
import { byId } from "./dom.js";
import { startLanguage } from "./language.js";
import { Mail } from "./mail.js";
import { Slack } from "./slack.js";
import { WebChat } from "./webchat.js";
import { WeChat } from "./wechat.js";

const TABS = ["webchat", "wechat", "email", "slack"];

function showTab(chosen) {
  for (const name of TABS) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === chosen));
    tab.tabIndex = name === chosen ? 0 : -1;
    byId(name).hidden = name !== chosen;
  }
}

function startTabs() {
  for (const name of TABS) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener("click", () => showTab(name));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const step = event.key === "ArrowRight" ? 1 : TABS.length - 1;
      const other = TABS[(TABS.indexOf(name) + step) % TABS.length];
      showTab(other);
      byId(`tab-${other}`).focus();
    });
  }
  const wanted = location.hash.slice(1);
  showTab(TABS.includes(wanted) ? wanted : TABS[0]);
}

async function start() {
  const settings = await call("GET", "/_local/settings.json");
  const desk = new Desk(new Api(settings.api_key));
  const webchat = new WebChat(settings.accounts.webchat?.[0] || "main");
  const wechat = new WeChat();
  const mail = new Mail();
  const slack = new Slack();
  startLanguage();
  startTabs();
  desk.start();
  webchat.start();
  if (settings.providers.includes("wechat")) wechat.start();
  if (settings.providers.includes("email")) mail.start();
  if (settings.providers.includes("slack")) slack.start();
}

start().catch((error) => {
  byId("connection").textContent = explain(error);
});
