// Where the visitor writes: text, files by picking, dropping and pasting, and the button that sends.

import { type Attachment, upload } from "../uploads";
import { type Context, errorText, fileSize } from "./context";
import { h, icon, iconButton } from "./elements";

/** A message has at most ten parts, of which the text is one. */
const MOST_FILES = 9;
/** Of a picture before it is sent, in pixels: enough for screens with two of them to one. */
const PREVIEW_HEIGHT = 72;

export interface Composer {
  readonly element: HTMLElement;
  focus(): void;
  /** What is being written stays when the visitor goes to another page; the height is known only while it is shown. */
  changed(): void;
  attach(files: Iterable<File> | null | undefined): void;
}

/** A file with what it looks like. */
interface Shown extends Attachment {
  picture: Element;
}

export function createComposer(context: Context, written: () => void): Composer {
  const { chat, word } = context;
  let attachments: Shown[] = [];
  /** To be sent as soon as its files are up. */
  let impatient = false;

  const label = word("write");
  const text = h("textarea", {
    rows: 1,
    placeholder: label,
    "aria-label": label,
    dir: "auto",
    maxlength: 8_000,
    enterkeyhint: "send",
    oninput: () => {
      changed();
      chat.tellTyping(Boolean(text.value.trim()));
    },
    onkeydown: (event: KeyboardEvent) => {
      // Enter sends, where there is a keyboard to write line breaks with; never while a word is being composed.
      const isSend = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
      if (isSend && !matchMedia("(pointer:coarse)").matches) submit(event);
    },
    onpaste: (event: ClipboardEvent) => {
      const { files } = event.clipboardData ?? {};
      if (!files?.length) return;
      event.preventDefault();
      attach(files);
    },
  });
  const picker = h("input", { type: "file", multiple: true, hidden: true });
  picker.onchange = () => {
    attach(picker.files);
    picker.value = "";
  };
  const list = h("ul", { class: "files stack" });
  const send = iconButton("send", word("send"));
  const element = h(
    "form",
    { onsubmit: (event: Event) => submit(event) },
    list,
    h("div", { class: "bar" }, iconButton("attach", word("attach"), () => picker.click()), picker, text, send),
  );
  text.value = chat.tab.read<string>("draft") ?? "";

  const focus = (): void => text.focus();

  const changed = (): void => {
    const { value, style } = text;
    chat.tab.write("draft", value);
    send.classList.toggle("main", Boolean(value.trim() || attachments.length));
    style.height = "auto";
    style.height = `${text.scrollHeight}px`;
  };

  const attach: Composer["attach"] = (files) => {
    for (const file of [...(files ?? [])].slice(0, MOST_FILES - attachments.length)) {
      const attachment: Shown = { file, picture: icon("file") };
      attachments.push(attachment);
      void preview(attachment).then(showFiles);
      void upload(attachment, chat.sessions).then(() => {
        showFiles();
        if (attachment.problem) impatient = false;
        if (impatient) submit();
      });
    }
    showFiles();
    focus();
  };

  const submit = (event?: Event): void => {
    event?.preventDefault();
    const said = text.value.trim();
    const files = attachments.filter(({ problem }) => !problem).map(({ part }) => part);
    impatient = files.includes(undefined);
    if (impatient || !(said || files.length)) return;
    text.value = "";
    attachments = [];
    showFiles();
    chat.write([...(said ? [{ type: "text", text: said }] : []), ...files.flatMap((part) => part ?? [])]);
    written();
    focus();
  };

  const showFiles = (): void => {
    list.replaceChildren(...attachments.map(showFile));
    changed();
  };

  const showFile = (attachment: Shown): HTMLElement => {
    const { file, part, problem, picture } = attachment;
    const remove = (): void => {
      attachments = attachments.filter((each) => each !== attachment);
      showFiles();
      focus();
    };
    const state = problem ? errorText(context, problem) : part ? fileSize(file.size) : h("progress");
    return h(
      "li",
      { class: "file" },
      picture,
      h("span", {}, h("bdi", {}, file.name), h("small", { class: problem && "problem", role: problem && "alert" }, state)),
      iconButton("close", word("remove", { name: file.name }), remove),
    );
  };

  return { element, focus, changed, attach };
}

/** Draws a picture that has not been sent. As an image it would need an address (blob:) in the page's policy. */
async function preview(attachment: Shown): Promise<void> {
  try {
    const picture = await createImageBitmap(attachment.file, { resizeHeight: PREVIEW_HEIGHT });
    const canvas = h("canvas", { width: picture.width, height: PREVIEW_HEIGHT });
    canvas.getContext("2d")!.drawImage(picture, 0, 0);
    attachment.picture = canvas;
  } catch {
    // It is not a picture, or not one that this browser can draw.
  }
}
