// Where the visitor writes: text, files by picking, dropping and pasting, and the button that sends.

import { type Attachment, upload } from "../uploads";
import { type Context, errorText, fileSize } from "./context";
import { h, icon, iconButton } from "./elements";

/** A message has at most ten parts, of which the text is one. */
const MOST_FILES = 9;

export class Composer {
  readonly element: HTMLFormElement;
  readonly #text: HTMLTextAreaElement;
  readonly #files = h("ul", { class: "files stack" });
  readonly #send: HTMLButtonElement;
  #attachments: Attachment[] = [];
  /** To be sent as soon as its files are up. */
  #impatient = false;

  readonly #context: Context;
  readonly #written: () => void;

  constructor(
    context: Context,
    written: () => void,
  ) {
    this.#context = context;
    this.#written = written;
    const { chat, word } = context;
    const label = word("write");
    this.#text = h("textarea", {
      rows: 1,
      placeholder: label,
      "aria-label": label,
      dir: "auto",
      maxlength: 8_000,
      enterkeyhint: "send",
      oninput: () => {
        this.changed();
        chat.tellTyping(Boolean(this.#text.value.trim()));
      },
      onkeydown: (event: KeyboardEvent) => {
        // Enter sends, where there is a keyboard to write line breaks with; never while a word is being composed.
        const isSend = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
        if (isSend && !matchMedia("(pointer:coarse)").matches) this.#submit(event);
      },
      onpaste: (event: ClipboardEvent) => {
        const { files } = event.clipboardData ?? {};
        if (!files?.length) return;
        event.preventDefault();
        this.attach(files);
      },
    });
    const picker = h("input", { type: "file", multiple: true, hidden: true });
    picker.onchange = () => {
      this.attach(picker.files);
      picker.value = "";
    };
    this.#send = iconButton("send", word("send"));
    this.element = h(
      "form",
      { onsubmit: (event: Event) => this.#submit(event) },
      this.#files,
      h("div", { class: "bar" }, iconButton("attach", word("attach"), () => picker.click()), picker, this.#text, this.#send),
    );
    this.#text.value = chat.tab.read<string>("draft") ?? "";
  }

  focus(): void {
    this.#text.focus();
  }

  /** What is being written stays when the visitor goes to another page; the height is known only while it is shown. */
  changed(): void {
    const { value, style } = this.#text;
    this.#context.chat.tab.write("draft", value);
    this.#send.classList.toggle("main", Boolean(value.trim() || this.#attachments.length));
    style.height = "auto";
    style.height = `${this.#text.scrollHeight}px`;
  }

  attach(files: Iterable<File> | null | undefined): void {
    for (const file of [...(files ?? [])].slice(0, MOST_FILES - this.#attachments.length)) {
      const attachment: Attachment = { file };
      this.#attachments.push(attachment);
      void upload(attachment, this.#context.chat.sessions).then(() => this.#uploaded());
    }
    this.#showFiles();
    this.focus();
  }

  #uploaded(): void {
    this.#showFiles();
    if (this.#attachments.some(({ problem }) => problem)) this.#impatient = false;
    if (this.#impatient) this.#submit();
  }

  #submit(event?: Event): void {
    event?.preventDefault();
    const text = this.#text.value.trim();
    const files = this.#attachments.filter(({ problem }) => !problem).map(({ part }) => part);
    this.#impatient = files.includes(undefined);
    if (this.#impatient || !(text || files.length)) return;
    this.#text.value = "";
    this.#attachments = [];
    this.#showFiles();
    this.#context.chat.write([...(text ? [{ type: "text", text }] : []), ...files.flatMap((part) => part ?? [])]);
    this.#written();
    this.focus();
  }

  #showFiles(): void {
    this.#files.replaceChildren(...this.#attachments.map((attachment) => this.#showFile(attachment)));
    this.changed();
  }

  #showFile(attachment: Attachment): HTMLElement {
    const { file, part, problem } = attachment;
    const state = problem ? errorText(this.#context, problem) : part ? fileSize(file.size) : "…";
    const remove = (): void => {
      this.#attachments = this.#attachments.filter((each) => each !== attachment);
      this.#showFiles();
      this.focus();
    };
    return h(
      "li",
      { class: "file" },
      icon("file"),
      h("span", {}, h("bdi", {}, file.name), h("small", { class: problem && "problem", role: problem && "alert" }, state)),
      iconButton("close", this.#context.word("remove", { name: file.name }), remove),
    );
  }
}
