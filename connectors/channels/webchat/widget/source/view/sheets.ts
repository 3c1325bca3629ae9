// What lies over the conversation for a moment: going on elsewhere, and the question about a link.

import type { LinkCode, Problem } from "../protocol";
import { qrCode } from "../qr";
import { channelName, type Context, errorText } from "./context";
import { type Child, h, svg } from "./elements";
import { link, safeAddress } from "./markdown";

const BORDER = 4;

/** Fills `sheet` with a code for each channel. */
export async function offerChannels(context: Context, sheet: HTMLElement): Promise<void> {
  try {
    const { code, links } = await context.chat.linkCode();
    const { channels } = context.configuration;
    sheet.append(h("p", {}, context.word("how", { code })));
    for (const name of channels ?? new Set(links.map(({ channel }) => channel))) {
      const found = links.find(({ channel, url }) => channel === name && safeAddress(url));
      // Without being asked for, no other page: the visitor is on one.
      if (found && (channels || name !== "webchat")) sheet.append(showChannel(context, found));
    }
  } catch (problem) {
    sheet.append(h("p", { role: "alert", class: "problem" }, errorText(context, (problem as Problem).code)));
  }
}

function showChannel(context: Context, { channel, url, qr }: LinkCode["links"][number]): HTMLElement {
  const name = channelName(context, channel);
  return h("div", { class: "card file" }, picture(qr ?? url, name), link(url, name, "option"));
}

/** Of an address that is too long for one, without what is only convenience: a mail's subject and text. */
function picture(text: string, name: string): Child {
  const modules = qrCode(text) ?? qrCode(text.split("?")[0] ?? "");
  const path = modules?.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + BORDER} ${y + BORDER}h1v1h-1z` : "")));
  return path && h("div", { role: "img", "aria-label": `QR: ${name}` }, svg(modules!.length + 2 * BORDER, path.join(""), "qr"));
}

/** Somebody else may have made the code: only the visitor knows. */
export function askAboutLink({ word }: Context, answer: (isTheirs: boolean) => void): Node[] {
  const button = (name: string, kind: string): Node =>
    h("button", { class: `option ${kind}`, onclick: () => answer(Boolean(kind)) }, word(name));
  return [h("p", {}, word("linkText")), h("div", { class: "options" }, button("linkYes", "main"), button("linkNo", ""))];
}
