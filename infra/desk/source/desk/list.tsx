/** The conversations: who, where, the last words, what is unread and who waits. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../api/types.js";
import type { Inbox } from "../live/inbox.js";
import { useStore } from "../live/store.js";
import { clock, span, type Word, word } from "../language/language.js";
import { controlOf } from "../live/control.js";
import { ChannelIcon, Icon } from "./icons.js";
import { lastWords } from "./preview.js";
import { useSession } from "./session.js";

const FILTERS = ["open", "pending", "closed", "all"] as const;
type Filter = (typeof FILTERS)[number];

export function ConversationList() {
  const session = useSession();
  const inbox = useStore(session.inbox);
  const [filter, setFilter] = useState<Filter>("open");
  const [sought, setSought] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const terms = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = inbox.sorted().filter((each) => matches(inbox, each, terms, filter));

  const load = (work: Promise<void>): void => {
    setBusy(true);
    void work.finally(() => setBusy(false));
  };

  return (
    <nav class="panel list" aria-labelledby="list-title">
      <header class="list-head">
        <h2 id="list-title">{word("conversations")}</h2>
        <div class="search" role="search">
          <Icon name="search" />
          <input
            id="search"
            ref={field}
            type="search"
            autocomplete="off"
            aria-label={word("search")}
            placeholder={word("searchHint")}
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setSought("");
              if (event.key === "Enter" || event.key === "ArrowDown") focusFirst();
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </div>
        <div class="filters" role="group" aria-label={word("conversations")}>
          {FILTERS.map((each) => (
            <button type="button" key={each} aria-pressed={filter === each} onClick={() => setFilter(each)}>
              {word(each as Word)}
            </button>
          ))}
        </div>
      </header>
      <ul id="conversations" class="conversations">
        {shown.map((conversation) => (
          <Line conversation={conversation} key={conversation.id} />
        ))}
      </ul>
      {!inbox.loaded && <Loading />}
      {inbox.loaded && !shown.length && <p class="empty">{emptyText(inbox, terms.length > 0, Boolean(session.local), filter)}</p>}
      {!inbox.complete && inbox.loaded && (
        <button
          type="button"
          class="quiet wide"
          disabled={busy}
          onClick={() => load(terms.length ? inbox.everything() : inbox.more())}
        >
          {word(terms.length ? "searchMore" : "more")}
        </button>
      )}
    </nav>
  );
}

function emptyText(inbox: Inbox, searching: boolean, local: boolean, filter: Filter): string {
  if (searching || inbox.conversations.size || filter === "closed") return word("noneFound");
  return word(local ? "noneLocal" : "none");
}

/** The place of the first conversations, until they have come. */
function Loading() {
  return (
    <div class="loading" role="status" aria-label={word("loading")}>
      {[1, 2, 3, 4].map((each) => (
        <p key={each}>
          <span class="blank" />
          <span class="blank" />
        </p>
      ))}
    </div>
  );
}

function Line({ conversation }: { conversation: Conversation }) {
  const session = useSession();
  const { inbox } = session;
  const known = inbox.customers.has(conversation.customer_id);
  const chosen = session.thread?.id === conversation.id;
  const preview = inbox.previews.get(conversation.id);
  const unread = chosen ? 0 : inbox.unread(conversation);
  const channels = [...new Set((conversation.routes ?? []).map((route) => route.channel))];
  return (
    <li>
      <button
        type="button"
        class={unread ? "conversation unread" : "conversation"}
        aria-current={chosen ? "true" : undefined}
        data-conversation={conversation.id}
        onClick={() => session.open(conversation.id)}
      >
        <span class="who">
          <span class="name">{known ? inbox.name(conversation.customer_id) : <span class="blank" />}</span>
          <span class="channels">
            {channels.map((channel) => (
              <ChannelIcon channel={channel} named key={channel} />
            ))}
          </span>
          <time dateTime={conversation.updated_at}>{clock(conversation.updated_at)}</time>
        </span>
        <span class="words">
          <span class="preview">
            {preview?.message?.direction === "outbound" && word("you")}
            {preview ? lastWords(preview.message) || word(conversation.status) : <span class="blank" />}
          </span>
          {unread > 0 && (
            <span class="count" aria-label={word("unreadCount", { count: unread })}>
              {unread}
            </span>
          )}
        </span>
        <Standing conversation={conversation} />
      </button>
    </li>
  );
}

function Standing({ conversation }: { conversation: Conversation }) {
  const { api } = useSession();
  const { status, waiting_since: since, tags = [] } = conversation;
  const { offered } = controlOf(conversation, api.party);
  if (!since && status === "open" && !offered && !tags.length) return null;
  return (
    <span class="standing">
      {status !== "open" && <span class={`status status-${status}`}>{word(status)}</span>}
      {offered && (
        <span class="offered">
          <Icon name="flag" /> {word("offered")}
        </span>
      )}
      {since && status !== "closed" && <Waiting since={since} />}
      {tags.map((tag) => (
        <span class="tag" key={tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

/** How long the customer has waited for an answer; the longer, the louder. */
function Waiting({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const waited = Math.max(0, now - Date.parse(since));
  const loud = waited > 600_000 ? "long" : waited > 120_000 ? "some" : "short";
  return <span class={`waiting waiting-${loud}`}>{word("waitingFor", { time: span(waited) })}</span>;
}

/** Every term is in the name, an address, a tag or the last message. */
function matches(inbox: Inbox, conversation: Conversation, terms: string[], filter: Filter): boolean {
  if (!terms.length) return filter === "all" || conversation.status === filter;
  const customer = inbox.customers.get(conversation.customer_id);
  const text = [
    inbox.name(conversation.customer_id),
    lastWords(inbox.previews.get(conversation.id)?.message),
    conversation.id,
    ...(conversation.tags ?? []),
    ...(customer?.tags ?? []),
    ...(customer?.identities ?? []).flatMap((identity) => [identity.name, identity.external_id]),
  ];
  const whole = text.filter(Boolean).join("\n").toLowerCase();
  return terms.every((term) => whole.includes(term));
}

function buttons(): HTMLButtonElement[] {
  return [...document.querySelectorAll<HTMLButtonElement>("#conversations .conversation")];
}

export function focusFirst(): void {
  buttons()[0]?.focus();
}

/** Moves the focus through the list, beginning at the chosen conversation. */
export function moveFocus(step: 1 | -1): void {
  const all = buttons();
  const focused = all.findIndex((button) => button === document.activeElement);
  const from = focused >= 0 ? focused : all.findIndex((button) => button.getAttribute("aria-current") === "true");
  const next = from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step));
  all[next]?.focus();
}
