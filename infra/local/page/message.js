// One message as a bubble, for the desk and for the visitor.

import { element } from "./dom.js";
import { shortTime, word } from "./language.js";
import { channelMark, showPart } from "./parts.js";

const TICKS = { queued: "○", unknown: "?", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "⚠" };

function tick(message) {
  if (!message.status) return null;
  const title = message.error ? `${word(message.status)}: ${message.error.code} ${message.error.title}` : word(message.status);
  const className = { read: "read", failed: "bad", unknown: "bad" }[message.status];
  const mark = element("span", { className, text: TICKS[message.status] || message.status, title });
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", title);
  return mark;
}

/** `side`: "desk" shows everything an agent needs, "customer" what a visitor may see. */
export function showMessage(message, side, choose) {
  const outbound = message.direction === "outbound";
  const ours = side === "desk" ? outbound : !outbound;
  const onlyEvent = message.parts.length > 0 && message.parts.every((part) => part.type === "event");
  const meta = [element("time", { text: shortTime(message.occurred_at), datetime: message.occurred_at })];
  if (side === "desk") {
    meta.unshift(element("span", { children: [channelMark(message.channel.type)] }));
    if (message.origin === "bot") meta.unshift(element("span", { text: word("byMachine") }));
    if (message.origin === "echo") meta.unshift(element("span", { text: word("byEcho") }));
    for (const loss of message.degradations || []) {
      const values = { source: loss.from, target: loss.to };
      meta.unshift(element("span", { text: word("degraded", values), title: (loss.lost || []).join(", ") }));
    }
    if (message.error) meta.unshift(element("span", { className: "bad", text: message.error.code }));
  }
  if (side === "desk" && outbound) meta.push(tick(message));
  if (side === "customer" && !outbound && message.sequence) meta.push(element("span", { text: "✓", title: word("sent") }));
  const parts = message.parts.map((part) => showPart(part, choose));
  const className = ["message", ours ? "ours" : "", onlyEvent ? "event" : "", message.status === "failed" ? "failed" : ""];
  return element("li", {
    className: className.filter(Boolean).join(" "),
    children: [...parts, element("div", { className: "meta", children: meta })],
  });
}
