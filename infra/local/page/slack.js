// A Slack workspace as its people see it, played through the stand-in's control interface.

import { call, explain } from "./api.js";
import { byId, element, repeat, showList } from "./dom.js";
import { shortTime, whenLanguageChanges, word } from "./language.js";
import { showBlocks, showText } from "./slack_blocks.js";

const CONTROL = "/_control/slack";
const EVERY = 1000;
const DIRECT = "direct";
const PARTNER = "Acme";

export class Slack {
  constructor() {
    this.user = null;
    this.place = DIRECT;
    this.thread = null;
    this.editing = null;
    this.state = null;
    this.shown = "";
    byId("slack-user").addEventListener("change", (event) => this.choose(event.target.value, DIRECT));
    byId("slack-place").addEventListener("change", (event) => this.choose(this.user, event.target.value));
    byId("slack-cancel").addEventListener("click", () => this.write());
    byId("slack-command").addEventListener("click", () => this.sendCommand());
    byId("slack-file").addEventListener("change", (event) => this.sendFile(event.target));
    byId("slack-new").addEventListener("submit", (event) => {
      event.preventDefault();
      this.create(byId("slack-name").value.trim(), byId("slack-kind").value);
    });
    byId("slack-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(byId("slack-text").value);
    });
    whenLanguageChanges(() => {
      this.shown = "";
      this.showWriting();
    });
  }

  start() {
    repeat(() => this.refresh(), EVERY);
  }

  people() {
    return this.state.users.filter((user) => user.role !== "app");
  }

  places() {
    return this.state.channels.filter((channel) => channel.kind !== "im" && channel.members.includes(this.user));
  }

  /** The channel's id; null while the direct messages have not been opened. */
  channelId() {
    if (this.place !== DIRECT) return this.place;
    return this.state.channels.find((channel) => channel.kind === "im" && channel.user === this.user)?.id || null;
  }

  async refresh() {
    if (byId("slack").hidden) return;
    try {
      this.state = await call("GET", `${CONTROL}/state`);
      if (!this.user) this.user = this.people()[0]?.id || null;
      const id = this.user && this.channelId();
      this.show(id ? await call("GET", `${CONTROL}/channels/${id}`) : { messages: [] });
    } catch (error) {
      this.problem(explain(error));
    }
  }

  show(channel) {
    const current = JSON.stringify([this.state, channel, this.user, this.place]);
    if (current === this.shown || (channel.id && channel.id !== this.channelId())) return;
    this.shown = current;
    this.showChoices();
    const top = channel.messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
    const items = top.flatMap((message) => [
      this.showMessage(channel, message),
      ...channel.messages
        .filter((reply) => reply.thread_ts === message.ts && reply.ts !== message.ts)
        .map((reply) => this.showMessage(channel, reply)),
    ]);
    showList(byId("slack-messages"), items);
  }

  showChoices() {
    const people = this.people().map((user) => {
      const kind = this.state.partners[user.team_id] || word(user.role);
      return element("option", { value: user.id, text: `${user.real_name} (${kind})` });
    });
    byId("slack-user").replaceChildren(...people);
    if (this.user) byId("slack-user").value = this.user;
    const app = this.state.accounts[0]?.bot_name || "";
    const places = [element("option", { value: DIRECT, text: word("directWith", { name: app }) })];
    for (const channel of this.places()) {
      const shared = channel.shared ? ` (${word("sharedChannel")})` : "";
      places.push(element("option", { value: channel.id, text: `#${channel.name}${shared}` }));
    }
    byId("slack-place").replaceChildren(...places);
    byId("slack-place").value = this.place;
  }

  showMessage(channel, message) {
    const author = this.state.users.find((user) => user.id === message.user);
    const own = message.user === this.user;
    const head = element("div", {
      className: "slack-head",
      children: [
        element("strong", { text: author?.real_name || message.user }),
        message.bot_id ? element("span", { className: "slack-app", text: "APP" }) : null,
        element("time", { text: shortTime(Number(message.ts) * 1000) }),
        message.edited ? element("span", { className: "small", text: word("edited") }) : null,
        own && message.state !== "delivered" ? element("span", { text: message.state === "failed" ? "⚠" : "…" }) : null,
      ],
    });
    const tap = (action) => this.act("taps", { channel: channel.id, ts: message.ts, ...action });
    const ours = message.bot_id && message.blocks?.length;
    const names = this.names();
    const body = ours ? showBlocks(message.blocks, names, tap) : [showText(message.text, names, Boolean(message.bot_id))];
    const files = message.file_ids.map((id) => showFile(channel.files[id]));
    return element("li", {
      className: ["slack-message", message.thread_ts && message.thread_ts !== message.ts ? "reply-in-thread" : ""].join(" "),
      children: [head, ...body, ...files, this.showReactions(channel, message), this.showTools(channel, message, own)],
    });
  }

  showReactions(channel, message) {
    if (!message.reactions?.length) return null;
    const marks = message.reactions.map((reaction) => {
      const mine = reaction.users.includes(this.user);
      const mark = element("button", { type: "button", className: "reaction", text: `:${reaction.name}: ${reaction.count}` });
      mark.setAttribute("aria-pressed", String(mine));
      const place = { channel: channel.id, ts: message.ts, name: reaction.name };
      mark.addEventListener("click", () => this.act("reactions", { ...place, added: !mine }));
      return mark;
    });
    return element("div", { className: "reactions", children: marks });
  }

  showTools(channel, message, own) {
    const place = { channel: channel.id, ts: message.ts };
    const tool = (text, work) => {
      const button = element("button", { type: "button", className: "quiet", text });
      button.addEventListener("click", work);
      return button;
    };
    const tools = [
      tool(word("replyInThread"), () => this.write({ thread: message.thread_ts || message.ts })),
      tool(":+1:", () => this.act("reactions", { ...place, name: "+1" })),
      own ? tool(word("edit"), () => this.write({ editing: message })) : null,
      own ? tool(word("remove"), () => this.act("deletions", place)) : null,
    ];
    return element("div", { className: "slack-tools", children: tools });
  }

  /** Ids to names, of people and channels. */
  names() {
    const people = this.state.users.map((user) => [user.id, user.real_name]);
    const channels = this.state.channels.map((channel) => [channel.id, channel.name]);
    return Object.fromEntries([...people, ...channels]);
  }

  /** What the text box is for: a new message, a reply in `thread`, or `editing` a message. */
  write({ thread = null, editing = null } = {}) {
    this.thread = thread;
    this.editing = editing;
    byId("slack-text").value = editing ? plain(editing.text, this.names()) : "";
    this.showWriting();
    if (thread || editing) byId("slack-text").focus();
  }

  showWriting() {
    byId("slack-writing").hidden = !this.thread && !this.editing;
    byId("slack-writing-what").textContent = word(this.editing ? "editingMessage" : "writingInThread");
  }

  choose(user, place) {
    this.user = user;
    this.place = place;
    this.write();
    this.refresh();
  }

  async send(text) {
    if (!text.trim()) return;
    const { editing, thread } = this;
    const done = editing
      ? await this.act("edits", { channel: this.channelId(), ts: editing.ts, text })
      : await this.act("messages", { channel: this.channelId(), thread_ts: thread, text });
    if (done) this.write({ thread });
  }

  async sendCommand() {
    const text = byId("slack-text").value;
    if (await this.act("commands", { channel: this.channelId(), text })) this.write();
  }

  async sendFile(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    const files = [{ name: file.name, data: btoa(binary) }];
    const text = byId("slack-text").value;
    if (await this.act("messages", { channel: this.channelId(), thread_ts: this.thread, text, files })) this.write();
  }

  async create(name, kind) {
    if (!name) return;
    try {
      const body = kind === "partner" ? { name, organisation: PARTNER } : { name, role: kind };
      const user = await call("POST", `${CONTROL}/users`, { body });
      const place = kind === "partner" ? await this.sharedChannel() : DIRECT;
      byId("slack-name").value = "";
      this.choose(user.id, place);
    } catch (error) {
      this.problem(explain(error));
    }
  }

  /** The id of the channel shared with the partner, which is made when there is none. */
  async sharedChannel() {
    const { channels } = await call("GET", `${CONTROL}/state`);
    const body = { name: PARTNER.toLowerCase(), shared: true };
    return (channels.find((channel) => channel.shared) || (await call("POST", `${CONTROL}/channels`, { body }))).id;
  }

  /** Whether it was done. */
  async act(what, body) {
    if (!this.user) {
      this.problem(word("newUser"));
      return false;
    }
    try {
      await call("POST", `${CONTROL}/${what}?wait=0`, { body: { user: this.user, ...body } });
      this.problem("");
      await this.refresh();
      return true;
    } catch (error) {
      this.problem(explain(error));
      return false;
    }
  }

  problem(text) {
    byId("slack-problem").textContent = text;
  }
}

/** Slack's form of a text as the person typed it. */
function plain(text, names) {
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id) => `@${names[id] || id}`)
    .replace(/<([^<>|]+)(?:\|[^<>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function showFile(file) {
  const address = `${CONTROL}/files/${encodeURIComponent(file.id)}`;
  const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.mime_type);
  const shown = picture
    ? element("img", { src: address, alt: file.title })
    : element("a", { href: address, text: `${file.title} (${file.size} B)`, download: file.name });
  return element("div", { className: "part image", children: [shown] });
}
