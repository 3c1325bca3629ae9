// A customer's mail program: the mailbox of a made-up address, played through the mail stand-in's control interface.

import { call, explain } from "./api.js";
import { byId, element, repeat } from "./dom.js";
import { shortTime, whenLanguageChanges, word } from "./language.js";

const CONTROL = "/_control/email";
const EVERY = 1000;
const VIEWS = ["list", "read", "write"];

const part = (name) => byId(`email-${name}`);

export class Mail {
  constructor() {
    this.shown = "";
    this.opened = null;
    this.answered = null;
    this.support = "";
    part("address").addEventListener("change", () => this.visit());
    part("new").addEventListener("click", () => this.write(null));
    part("reply").addEventListener("click", () => this.write(this.opened));
    for (const button of document.querySelectorAll("[data-email-back]")) {
      button.addEventListener("click", () => this.back());
    }
    part("as-text").addEventListener("click", () => this.showBody("text"));
    part("as-html").addEventListener("click", () => this.showBody("html"));
    part("write").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    whenLanguageChanges(() => {
      this.shown = "";
      if (this.opened) this.showMail(this.opened);
    });
  }

  async start() {
    this.view("list");
    await this.learn();
    repeat(() => this.refresh(), EVERY);
  }

  /** The address as it was typed may have a name before it. */
  get author() {
    return part("address").value.trim();
  }

  get address() {
    return (this.author.match(/<([^>]*)>/)?.[1] || this.author).trim().toLowerCase();
  }

  get mailbox() {
    return `${CONTROL}/mailboxes/${encodeURIComponent(this.address)}`;
  }

  view(name) {
    for (const each of VIEWS) part(each).hidden = each !== name;
    this.problem("");
  }

  visit() {
    this.shown = "";
    this.back();
    this.refresh();
  }

  back() {
    this.opened = null;
    this.answered = null;
    this.view("list");
  }

  async refresh() {
    if (byId("email").hidden || !this.address) return;
    const address = this.address;
    try {
      const mails = (await call("GET", this.mailbox)).items;
      if (address === this.address) this.showList(mails);
    } catch (error) {
      this.problem(explain(error));
    }
  }

  showList(mails) {
    const state = JSON.stringify([this.address, mails.map((mail) => mail.id)]);
    if (state === this.shown) return;
    this.shown = state;
    part("none").hidden = mails.length > 0;
    part("mails").replaceChildren(...mails.toReversed().map((mail) => this.line(mail)));
  }

  line(mail) {
    const sent = mail.direction === "sent";
    const button = element("button", {
      type: "button",
      className: sent ? "mail sent" : "mail",
      children: [
        element("span", { className: "name", text: sent ? word("emailTo", { address: mail.to }) : mail.from }),
        element("time", { text: shortTime(mail.at * 1000) }),
        element("span", { className: "preview", text: mail.subject || word("emailNoSubject") }),
      ],
    });
    button.addEventListener("click", () => this.open(mail.id));
    return element("li", { children: [button] });
  }

  async open(id) {
    try {
      this.opened = await call("GET", `${CONTROL}/messages/${id}`);
      this.showMail(this.opened);
      this.view("read");
      this.showBody(this.opened.html ? "html" : "text");
    } catch (error) {
      this.problem(explain(error));
    }
  }

  showMail(mail) {
    part("subject").textContent = mail.subject || word("emailNoSubject");
    part("from").textContent = mail.from;
    part("to").textContent = word("emailTo", { address: mail.to });
    part("date").textContent = shortTime(mail.at * 1000);
    part("as-html").hidden = !mail.html;
    part("as-text").hidden = !mail.html;
    part("reply").hidden = mail.direction === "sent";
    const file = (address, text, name) =>
      element("li", { children: [element("a", { href: address, text, download: name })] });
    part("files").replaceChildren(
      ...mail.attachments.map((each) =>
        file(`${CONTROL}/messages/${mail.id}/attachments/${each.index}`, `${each.filename} (${size(each.size)})`, each.filename),
      ),
      file(`${CONTROL}/messages/${mail.id}/raw`, word("emailRaw"), `${mail.id}.eml`),
    );
  }

  /** HTML goes into a frame that may run and load nothing: the answer's own policy says so once more. */
  showBody(kind) {
    const html = kind === "html";
    part("as-html").setAttribute("aria-pressed", String(html));
    part("as-text").setAttribute("aria-pressed", String(!html));
    part("text").hidden = html;
    part("text").textContent = this.opened.text ?? "";
    const frame = html
      ? [element("iframe", { src: `${CONTROL}/messages/${this.opened.id}/html`, sandbox: "", title: this.opened.subject })]
      : [];
    part("frame").replaceChildren(...frame);
  }

  write(answered) {
    this.answered = answered;
    part("write").reset();
    part("recipient").value = answered ? this.header(answered, "Reply-To") || answered.from : this.support;
    const subject = answered?.subject || "";
    part("write-subject").value = answered && !/^re:/i.test(subject) ? `Re: ${subject}` : subject;
    this.view("write");
    part(answered ? "body" : "write-subject").focus();
  }

  header(mail, name) {
    return mail.headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
  }

  async send() {
    const button = part("write").querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const files = [...part("file").files];
      const body = {
        from: this.author,
        to: [part("recipient").value.trim()],
        subject: part("write-subject").value,
        text: part("body").value,
        language: document.documentElement.lang.startsWith("zh") ? "zh" : "en",
        attachments: await Promise.all(files.map(attached)),
        ...(this.answered ? { in_reply_to_message: this.answered.id } : {}),
      };
      await call("POST", `${CONTROL}/messages`, { body });
      this.back();
      await this.refresh();
    } catch (error) {
      this.problem(explain(error));
    } finally {
      button.disabled = false;
    }
  }

  /** Where new mail goes: the first account of the stand-in. */
  async learn() {
    const settings = await call("GET", `${CONTROL}/settings`);
    this.support = Object.values(settings.accounts)[0]?.address || "";
  }

  problem(text) {
    part("problem").textContent = text;
  }
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : `${Math.ceil(bytes / 1024)} KB`);

async function attached(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { filename: file.name, mime_type: file.type || "application/octet-stream", data: btoa(binary) };
}
