// The visitor's side of the web chat: a session, a socket that comes back, and everything resumed after it.

import { call, explain } from "./api.js";
import { byId, element, showList } from "./dom.js";
import { whenLanguageChanges, word } from "./language.js";
import { showMessage } from "./message.js";

const STORED = "onethread.visitor";
const LONGEST_WAIT = 15000;
const TYPING_EVERY = 4000;
const TYPING_SHOWN = 6000;
const ACCEPTED_WITHIN = 10000;
// Idle sockets are closed by API Gateway after ten minutes.
const PING_EVERY = 240000;
const LINK = /^#onethread=([\w-]{8,9})$/;

export class WebChat {
  constructor(account) {
    this.account = account;
    this.typedAt = 0;
    this.pushedAt = Date.now();
    this.tries = 0;
    this.forget();
    byId("webchat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = byId("webchat-text").value.trim();
      if (text) this.write([{ type: "text", text }]);
      byId("webchat-text").value = "";
    });
    byId("webchat-text").addEventListener("input", () => this.tellTyping());
    byId("webchat-file").addEventListener("change", (event) => this.attach(event.target));
    byId("webchat-new").addEventListener("click", () => this.startAfresh());
    byId("webchat-link-accept").addEventListener("click", () => this.acceptLink());
    window.addEventListener("hashchange", () => this.offerLink());
    document.addEventListener("visibilitychange", () => this.tellRead());
    whenLanguageChanges(() => this.show());
    setInterval(() => this.watch(), 2000);
    this.offerLink();
  }

  forget() {
    this.session = JSON.parse(localStorage.getItem(STORED) || "null");
    this.waiting = [];
    this.forgetMessages();
  }

  /** What is shown is of one conversation; sequences of another one mean something else. */
  forgetMessages() {
    this.conversation = null;
    this.messages = new Map();
    this.notes = new Map();
    this.last = 0;
    this.toldRead = 0;
  }

  beginAgain() {
    this.forgetMessages();
    this.push({ type: "resume", after: 0 });
  }

  /** A code in the page's address. The visitor decides: who made the code will see what they write from then on. */
  offerLink() {
    const code = LINK.exec(location.hash)?.[1];
    if (!code) return;
    history.replaceState(null, "", location.pathname + location.search);
    this.offered = code;
    byId("webchat-link").hidden = false;
    byId("tab-webchat").click();
  }

  acceptLink() {
    byId("webchat-link").hidden = true;
    this.link = { type: "link", client_id: crypto.randomUUID(), code: this.offered };
    this.push(this.link);
  }

  async start() {
    try {
      if (!this.session) {
        this.state("connecting");
        this.session = await call("POST", `/chat/${this.account}/sessions`, { body: {} });
        localStorage.setItem(STORED, JSON.stringify(this.session));
      }
      this.connect();
    } catch (error) {
      this.problem(explain(error));
      this.again();
    }
  }

  startAfresh() {
    localStorage.removeItem(STORED);
    this.forget();
    const old = this.socket;
    this.socket = null;
    old?.close();
    clearTimeout(this.timer);
    this.tries = 0;
    this.show();
    this.start();
  }

  connect() {
    this.state("connecting");
    const address = new URL(this.session.socket_url);
    address.searchParams.set("token", this.session.token);
    const socket = new WebSocket(address);
    this.socket = socket;
    this.opened = false;
    socket.addEventListener("open", () => {
      this.opened = true;
      this.tries = 0;
      this.problem("");
      this.state("online");
      this.push({ type: "resume", after: this.last });
      if (this.link) this.push(this.link);
      for (const message of this.waiting) this.push(message.frame);
    });
    socket.addEventListener("message", (event) => this.receive(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.lost(socket));
  }

  async lost(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    socket.close();
    this.state("waiting");
    if (!this.opened && (await this.sessionEnded())) {
      localStorage.removeItem(STORED);
      this.session = null;
      this.forgetMessages();
    }
    this.again();
  }

  /** A refused socket does not say why; the HTTP fallback does. */
  async sessionEnded() {
    try {
      const headers = { Authorization: `Bearer ${this.session.token}` };
      await call("GET", `/chat/${this.account}/messages?after=${this.last}&limit=1`, { headers });
      return false;
    } catch (error) {
      return error.status === 401 || error.status === 403;
    }
  }

  /** A socket that takes messages without accepting them is dead, whatever it says of itself. */
  watch() {
    const late = this.waiting.some((message) => !message.accepted && Date.now() - message.at > ACCEPTED_WITHIN);
    if (late && this.socket?.readyState === WebSocket.OPEN) {
      for (const message of this.waiting) message.at = Date.now();
      this.lost(this.socket);
    } else if (Date.now() - this.pushedAt > PING_EVERY) {
      this.push({ type: "ping" });
    }
  }

  again() {
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), wait);
  }

  push(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.pushedAt = Date.now();
    this.socket.send(JSON.stringify(frame));
  }

  write(parts) {
    const frame = { type: "message", client_id: crypto.randomUUID(), parts };
    this.waiting.push({ frame, accepted: false, at: Date.now() });
    this.push(frame);
    this.show();
  }

  receive(frame) {
    if (frame.client_id && frame.client_id === this.link?.client_id && frame.code !== "unavailable") this.link = null;
    if (frame.type === "accepted") {
      for (const message of this.waiting) if (message.frame.client_id === frame.client_id) message.accepted = true;
    } else if (frame.type === "conversation") {
      this.beginAgain();
    } else if (frame.type === "channel_switched") {
      this.notes.set(frame.sequence, frame.to.channel);
    } else if (frame.type === "resumed") {
      this.resumed(frame);
    } else if (frame.type === "message") {
      this.take(frame.message);
    } else if (frame.type === "status") {
      const message = this.messages.get(frame.sequence);
      if (message) message.status = frame.status;
    } else if (frame.type === "typing") {
      this.showTyping(frame.active !== false);
    } else if (frame.type === "error") {
      this.waiting = this.waiting.filter((message) => message.frame.client_id !== frame.client_id);
      this.problem(`${frame.code}: ${frame.detail || ""}`);
    }
    this.show();
  }

  resumed(frame) {
    if (this.conversation && this.conversation !== frame.conversation_id) this.beginAgain();
    else if (frame.more) this.push({ type: "resume", after: frame.sequence });
  }

  take(message) {
    if (this.conversation && this.conversation !== message.conversation_id) return this.beginAgain();
    this.conversation = message.conversation_id;
    this.messages.set(message.sequence, message);
    this.last = Math.max(this.last, message.sequence);
    if (message.direction === "inbound") this.settle(message);
    else this.showTyping(false);
    this.tellRead();
  }

  /** The visitor's own message came back: it is in the log now. */
  settle(message) {
    const ids = [...(message.external_ids || []), message.client_id || ""];
    const text = JSON.stringify(message.parts.map((part) => part.text || part.title || part.type));
    const index = this.waiting.findIndex(({ frame }) => {
      const same = JSON.stringify(frame.parts.map((part) => part.text || part.title || part.type)) === text;
      return ids.some((id) => id.endsWith(frame.client_id)) || same;
    });
    if (index >= 0) this.waiting.splice(index, 1);
  }

  tellRead() {
    const seen = [...this.messages.values()].filter((message) => message.direction === "outbound");
    const sequence = Math.max(0, ...seen.map((message) => message.sequence));
    if (document.hidden || byId("webchat").hidden || sequence <= this.toldRead) return;
    this.toldRead = sequence;
    this.push({ type: "read", sequence });
  }

  tellTyping() {
    if (Date.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = Date.now();
    this.push({ type: "typing" });
  }

  showTyping(active) {
    byId("webchat-typing").hidden = !active;
    clearTimeout(this.typingTimer);
    if (active) this.typingTimer = setTimeout(() => this.showTyping(false), TYPING_SHOWN);
  }

  async attach(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    try {
      const upload = await call("POST", `/chat/${this.account}/uploads`, {
        headers: { Authorization: `Bearer ${this.session.token}` },
        body: { filename: file.name, mime_type: file.type, size: file.size },
      });
      const form = new FormData();
      for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
      form.append("file", file);
      const stored = await fetch(upload.url, { method: "POST", body: form });
      if (!stored.ok) throw new Error(`HTTP ${stored.status}`);
      const kind = ["image", "audio", "video"].find((name) => file.type.startsWith(`${name}/`)) || "file";
      this.write([{ type: kind === "audio" ? "voice" : kind, media: { media_id: upload.media_id } }]);
    } catch (error) {
      this.problem(explain(error));
    }
  }

  show() {
    const choose = (option) => this.write([{ type: "choice", id: option.id, title: option.title }]);
    const shown = [...this.messages].map(([sequence, message]) => [sequence, showMessage(message, "customer", choose)]);
    for (const [sequence, channel] of this.notes) {
      const text = word("continuesOn", { channel: word(channel) });
      shown.push([sequence, element("li", { className: "message note", text })]);
    }
    const items = shown.sort(([one], [other]) => one - other).map(([, item]) => item);
    for (const { frame, accepted } of this.waiting) {
      const item = showMessage({ direction: "inbound", parts: frame.parts, occurred_at: new Date().toISOString() }, "customer");
      item.lastChild.append(element("span", { text: accepted ? "…" : word("sending") }));
      items.push(item);
    }
    showList(byId("webchat-messages"), items);
  }

  state(key) {
    byId("webchat-state").textContent = word(key);
  }

  problem(text) {
    byId("webchat-problem").textContent = text;
  }
}
