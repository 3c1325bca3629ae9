// The agent's side: the list of conversations and the chosen one.

import { explain } from "./api.js";
import { byId, element, repeat, showList } from "./dom.js";
import { shortTime, whenLanguageChanges, word } from "./language.js";
import { showMessage } from "./message.js";
import { channelMark } from "./parts.js";
import { Reply } from "./reply.js";

const EVERY = 1000;
// Receipts change messages that are already shown, so the last ones are asked for again each time.
const AGAIN = 15;
const ATONCE = 100;

export class Desk {
  constructor(api) {
    this.api = api;
    this.conversations = [];
    this.customers = new Map();
    this.previews = new Map();
    this.seen = new Map();
    this.chosen = null;
    this.messages = new Map();
    this.shown = "";
    this.reply = new Reply(api, () => this.refreshThread());
    byId("toggle-status").addEventListener("click", () => this.toggleStatus());
    whenLanguageChanges(() => {
      this.shown = "";
      this.showConversations();
      this.showThread();
    });
  }

  start() {
    repeat(() => this.refresh(), EVERY);
  }

  async refresh() {
    try {
      this.conversations = (await this.api.get("/v1/conversations")).items;
      await Promise.all(this.conversations.map((conversation) => this.lookUp(conversation)));
      this.showConversations();
      await this.refreshThread();
      byId("connection").textContent = "";
    } catch (error) {
      byId("connection").textContent = `${word("offline")} (${explain(error)})`;
    }
  }

  /** The customer's name, and the last message whenever something happened. */
  async lookUp(conversation) {
    const { id, customer_id: customerId, sequence } = conversation;
    if (this.previews.get(id)?.sequence === sequence) return;
    this.customers.set(customerId, await this.api.get(`/v1/customers/${customerId}`).catch(() => ({})));
    const after = Math.max(0, sequence - 5);
    const { items } = await this.api.get(`/v1/conversations/${id}/messages?after=${after}&limit=5`);
    const text = items.at(-1)?.text ?? this.previews.get(id)?.text ?? "";
    this.previews.set(id, { sequence, text });
  }

  name(conversation) {
    const customer = this.customers.get(conversation.customer_id) || {};
    const known = customer.name || (customer.identities || []).map((identity) => identity.name).find(Boolean);
    return known || `#${conversation.customer_id.slice(-6)}`;
  }

  showConversations() {
    const items = this.conversations.map((conversation) => {
      const channels = [...new Set((conversation.routes || []).map((route) => route.channel))];
      const unread = (this.seen.get(conversation.id) ?? 0) < conversation.sequence && conversation.id !== this.chosen;
      const button = element("button", {
        type: "button",
        className: unread ? "conversation unread" : "conversation",
        "aria-current": conversation.id === this.chosen ? "true" : null,
        children: [
          element("span", { className: "marks", children: channels.map(channelMark) }),
          element("span", { className: "name", text: this.name(conversation) }),
          element("time", { text: shortTime(conversation.updated_at) }),
          element("span", { className: "preview", text: this.previews.get(conversation.id)?.text || word(conversation.status) }),
        ],
      });
      button.dataset.conversation = conversation.id;
      button.addEventListener("click", () => this.choose(conversation.id));
      return element("li", { children: [button] });
    });
    const list = byId("conversations");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.conversation : null;
    list.replaceChildren(...items);
    if (focused) list.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
    byId("no-conversations").hidden = items.length > 0;
  }

  choose(id) {
    this.chosen = id;
    this.messages = new Map();
    this.shown = "";
    byId("thread-notice").hidden = true;
    this.showConversations();
    this.refreshThread().catch((error) => this.notice(explain(error)));
  }

  async refreshThread() {
    const id = this.chosen;
    if (!id) return;
    const known = this.conversations.find((conversation) => conversation.id === id);
    const last = Math.max((known?.sequence ?? 0) - ATONCE + AGAIN, ...this.messages.keys());
    const [conversation, page] = await Promise.all([
      this.api.get(`/v1/conversations/${id}`),
      this.api.get(`/v1/conversations/${id}/messages?after=${Math.max(0, last - AGAIN)}&limit=${ATONCE}`),
    ]);
    if (id !== this.chosen) return;
    this.conversation = conversation;
    for (const message of page.items) this.messages.set(message.sequence, message);
    this.seen.set(id, conversation.sequence);
    this.showThread();
  }

  showThread() {
    if (!this.conversation || this.conversation.id !== this.chosen) return;
    const messages = [...this.messages.values()].sort((one, other) => one.sequence - other.sequence);
    const state = JSON.stringify([messages, this.conversation]);
    if (state === this.shown) return;
    this.shown = state;
    byId("thread-title").textContent = this.name(this.conversation);
    byId("thread-routes").replaceChildren(...(this.conversation.routes || []).map(showRoute));
    byId("thread-tools").hidden = false;
    byId("toggle-status").textContent = word(this.conversation.status === "closed" ? "reopen" : "close");
    showList(byId("messages"), messages.map((message) => showMessage(message, "desk")));
    this.reply.show(this.conversation);
  }

  notice(text) {
    byId("thread-notice").textContent = text;
    byId("thread-notice").hidden = false;
  }

  async toggleStatus() {
    const status = this.conversation.status === "closed" ? "open" : "closed";
    try {
      await this.api.send("PATCH", `/v1/conversations/${this.conversation.id}`, { status });
      await this.refreshThread();
    } catch (error) {
      this.notice(explain(error));
    }
  }
}

/** "WeChat main: can reply until 12:30, 4 left". */
function showRoute(route) {
  const limits = [
    route.can_reply ? word("canReply") : `${word("closed")}${route.reason ? ` (${route.reason})` : ""}`,
    route.closes_at ? word("until", { time: shortTime(route.closes_at) }) : null,
    Number.isInteger(route.remaining) ? word("left", { count: route.remaining }) : null,
  ];
  const text = `${route.channel}/${route.account}: ${limits.filter(Boolean).join(", ")}`;
  return element("span", { className: route.can_reply ? "" : "closed", children: [channelMark(route.channel), " ", text] });
}
