// The agent's reply box.

import { explain } from "./api.js";
import { byId, element } from "./dom.js";
import { word } from "./language.js";

const TYPING_EVERY = 5000;

export class Reply {
  constructor(api, sent) {
    this.api = api;
    this.sent = sent;
    this.conversation = null;
    this.typedAt = 0;
    // A repeated attempt carries the same key, so that it cannot send the same reply twice.
    this.attempt = null;
    byId("reply").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    byId("reply-text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    byId("reply-text").addEventListener("input", () => this.tellTyping());
  }

  show(conversation) {
    const changed = this.conversation?.id !== conversation.id;
    this.conversation = conversation;
    byId("reply").hidden = false;
    const select = byId("reply-route");
    const chosen = changed ? "" : select.value;
    const routes = (conversation.routes || []).map((route) =>
      element("option", { value: route.identity_id, text: `${route.channel}/${route.account}` }),
    );
    select.replaceChildren(element("option", { value: "", text: word("routeLatest") }), ...routes);
    select.value = chosen;
    if (changed) byId("reply-problem").textContent = "";
  }

  parts() {
    const text = byId("reply-text").value.trim();
    const titles = byId("reply-choices").value.split("\n").map((line) => line.trim()).filter(Boolean);
    const image = byId("reply-image").value.trim();
    const parts = [];
    if (image) parts.push({ type: "image", media: { url: image } });
    if (titles.length) {
      const options = titles.map((title, index) => ({ id: String(index + 1), title }));
      parts.push({ type: "choices", text, options });
    } else if (text) {
      parts.push({ type: "text", text });
    }
    return parts;
  }

  async send() {
    const parts = this.parts();
    if (!parts.length || !this.conversation) return;
    const author = { type: byId("reply-bot").checked ? "bot" : "agent" };
    const route = byId("reply-route").value;
    const body = { parts, author, ...(route ? { route: { identity_id: route } } : {}) };
    const content = JSON.stringify([this.conversation.id, body]);
    if (this.attempt?.content !== content) this.attempt = { content, key: crypto.randomUUID() };
    const button = byId("reply").querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const path = `/v1/conversations/${this.conversation.id}/messages`;
      await this.api.send("POST", path, body, { "Idempotency-Key": this.attempt.key });
      this.attempt = null;
      for (const id of ["reply-text", "reply-choices", "reply-image"]) byId(id).value = "";
      byId("reply-problem").textContent = "";
      await this.sent();
    } catch (error) {
      byId("reply-problem").textContent = explain(error);
    } finally {
      button.disabled = false;
      byId("reply-text").focus();
    }
  }

  tellTyping() {
    if (!this.conversation || Date.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = Date.now();
    // Typing is a courtesy: a channel that cannot show it refuses, and nothing is lost.
    this.api.send("POST", `/v1/conversations/${this.conversation.id}/typing`, {}).catch(() => undefined);
  }
}
