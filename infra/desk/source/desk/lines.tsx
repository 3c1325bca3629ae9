/** A line of the log: a message, or what happened between messages. */
import type { Entry } from "../api/types.js";
import { channelName, channelNames, clock, word, wordFor } from "../language/language.js";
import { offeredNote } from "../live/control.js";
import type { Thread } from "../live/thread.js";
import { handedOver } from "./handed_over.js";
import { ChannelIcon, Icon } from "./icons.js";
import { MessageView } from "./message.js";
import { useSession } from "./session.js";

export function Line({ entry, thread }: { entry: Entry; thread: Thread }) {
  const message = thread.messages.get(entry.sequence);
  if (message) {
    return (
      <li class={message.direction === "outbound" ? "line ours" : "line theirs"}>
        <MessageView message={message} />
      </li>
    );
  }
  if (entry.type === "conversation.channel_switched") return <Switch entry={entry} />;
  if (entry.type === "conversation.control_changed") return <HandedOver entry={entry} thread={thread} />;
  if (entry.type === "conversation.gap") return <Gap entry={entry} />;
  const text = said(entry);
  if (!text) return null;
  return (
    <li class={`line mark mark-${entry.type.replace(".", "-")}`}>
      <span>{text}</span> <time dateTime={entry.time}>{clock(entry.time)}</time>
    </li>
  );
}

/** Where the conversation went from one who answers to another, and what the next one was told. */
function HandedOver({ entry, thread }: { entry: Entry; thread: Thread }) {
  const { api } = useSession();
  const text = handedOver(entry, api.party);
  const before = thread.lines().filter(({ sequence }) => sequence < entry.sequence);
  // Who takes over is told the note of the offer again: it is shown with the offer already.
  const note = entry.data?.action === "take" && entry.data.note === offeredNote(before) ? undefined : entry.data?.note;
  if (!text) return null;
  return (
    <li class="line mark handed-over">
      <p>
        <span>{text}</span> <time dateTime={entry.time}>{clock(entry.time)}</time>
      </p>
      {note && <p class="handed-note">{note}</p>}
    </li>
  );
}

/** Something came in here that could not be stored. */
function Gap({ entry }: { entry: Entry }) {
  return (
    <li class="line mark gap">
      <Icon name="warning" />
      <span>{word("gapLine", { channel: channelName(entry.data?.channel ?? "") })}</span>
      <time dateTime={entry.time}>{clock(entry.time)}</time>
    </li>
  );
}

/** Where the customer moved from one channel to another. */
function Switch({ entry }: { entry: Entry }) {
  const { from, to } = entry.data ?? {};
  if (!to) return null;
  const text = from
    ? word("switched", { from: channelName(from.channel), to: channelName(to.channel) })
    : word("switchedTo", { to: channelName(to.channel) });
  return (
    <li class="line switch">
      <span class="switch-line">
        {from && <ChannelIcon channel={from.channel} />}
        <Icon name="switch" />
        <ChannelIcon channel={to.channel} />
        <span>{text}</span>
        <time dateTime={entry.time}>{clock(entry.time)}</time>
      </span>
    </li>
  );
}

/** An entry of the log that is no message, in words; null for one that tells an agent nothing. */
function said(entry: Entry): string | null {
  const data = entry.data ?? {};
  const channels = channelNames((data.identities ?? []).map((identity) => identity.channel));
  switch (entry.type) {
    case "conversation.opened":
      return word("opened");
    case "identity.linked":
      return word("linked", { channels, evidence: wordFor("evidence", data.link?.evidence ?? "") });
    case "identity.unlinked":
      return word("unlinked", { channels });
    case "conversation.closed":
      return word(data.reason === "merged" ? "mergedLine" : "closedLine");
    case "window.closing":
      return word("windowLine");
    case "customer.updated":
      return word("customerLine");
    case "reaction.added":
    case "reaction.removed":
      return word(entry.type === "reaction.added" ? "reactionAdded" : "reactionRemoved", { reaction: data.reaction ?? "" });
    case "conversation.updated":
      return updated(data);
    default:
      return null;
  }
}

function updated(data: NonNullable<Entry["data"]>): string | null {
  if (data.reason === "unlinked") return word("unlinkedLine");
  const names = Object.keys(data.changes ?? {});
  if (names.includes("status") && data.changes?.status === "open") return word("reopenedLine");
  const told = names.filter((name) => name !== "routes");
  return told.length ? word("updatedLine", { what: told.join(", ") }) : null;
}
