/** The open conversation across channels: its log, with the points where the customer moved. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { explain } from "../api/call.js";
import type { Conversation } from "../api/types.js";
import { channelName, word } from "../language/language.js";
import { useStore } from "../live/store.js";
import type { Thread } from "../live/thread.js";
import { ControlBar } from "./control.js";
import { ChannelIcon, Icon } from "./icons.js";
import { Line } from "./lines.js";
import { Profile } from "./profile.js";
import { Reply } from "./reply.js";
import { useSession } from "./session.js";

const BOTTOM = 90;

export function ThreadPanel() {
  const session = useSession();
  return (
    <section id="thread" class="panel thread" aria-labelledby="thread-title" tabIndex={-1}>
      {session.thread ? <Open thread={session.thread} key={session.thread.id} /> : <Nothing />}
    </section>
  );
}

function Nothing() {
  return (
    <div class="nothing">
      <Icon name="list" />
      <h2 id="thread-title">{word("choose")}</h2>
      <p>{word("chooseHint")}</p>
    </div>
  );
}

function Open({ thread }: { thread: Thread }) {
  const session = useSession();
  useStore(thread);
  const { conversation } = thread;
  const name = conversation ? session.inbox.name(conversation.customer_id) : "…";
  return (
    <>
      <Head thread={thread} name={name} />
      <Notice />
      {thread.problem !== null && !conversation && (
        <p class="notice bad" role="alert">
          {explain(thread.problem)}
        </p>
      )}
      <div class="thread-body">
        <div class="thread-main">
          <Log thread={thread} />
          {conversation?.customer_typing && (
            <p class="typing" role="status">
              {word("typing", { name })}
            </p>
          )}
          {conversation && <ControlBar thread={thread} conversation={conversation} />}
          {conversation && <Reply thread={thread} conversation={conversation} name={name} />}
        </div>
        {session.profile && conversation && <Profile thread={thread} conversation={conversation} />}
      </div>
    </>
  );
}

function Head({ thread, name }: { thread: Thread; name: string }) {
  const session = useSession();
  const { conversation } = thread;
  return (
    <header class="thread-head">
      <button
        type="button"
        class="icon-button only-narrow"
        aria-label={word("back")}
        onClick={() => session.set({ view: "list" })}
      >
        <Icon name="back" />
      </button>
      <div class="thread-who">
        <h2 id="thread-title" tabIndex={-1}>
          {name}
        </h2>
        {conversation && <Ways conversation={conversation} />}
      </div>
      {conversation && (
        <div class="thread-tools">
          <button type="button" id="continue" onClick={() => session.set({ dialog: "link" })} title={word("continueOn")}>
            <Icon name="link" />
            <span>{word("continueOn")}</span>
          </button>
          <button type="button" id="toggle-status" onClick={() => void toggleStatus(session, conversation)}>
            {word(conversation.status === "closed" ? "reopen" : "close")}
          </button>
          <button
            type="button"
            id="toggle-profile"
            class="icon-button"
            aria-pressed={session.profile}
            aria-label={word(session.profile ? "hideProfile" : "profile")}
            title={word("customer")}
            onClick={() => session.set({ profile: !session.profile })}
          >
            <Icon name="person" />
          </button>
        </div>
      )}
    </header>
  );
}

function Ways({ conversation }: { conversation: Conversation }) {
  const channels = [...new Set((conversation.routes ?? []).map((route) => route.channel))];
  return (
    <p class="ways">
      {channels.map((channel) => (
        <span key={channel}>
          <ChannelIcon channel={channel} /> {channelName(channel)}
        </span>
      ))}
      {conversation.status !== "open" && <span class={`status status-${conversation.status}`}>{word(conversation.status)}</span>}
    </p>
  );
}

export async function toggleStatus(session: ReturnType<typeof useSession>, conversation: Conversation): Promise<void> {
  const status = conversation.status === "closed" ? "open" : "closed";
  try {
    session.inbox.take(await session.api.changeConversation(conversation.id, { status }));
    await session.thread?.now();
  } catch (error) {
    session.set({ notice: { text: `${word("refused")}: ${explain(error)}` } });
  }
}

function Notice() {
  const session = useSession();
  const { notice } = session;
  return (
    <div role="status">
      {notice && (
        <p class="notice">
          <span>{notice.text}</span>
          {notice.action && (
            <button type="button" onClick={notice.action.run}>
              {notice.action.title}
            </button>
          )}
          <button type="button" class="icon-button" aria-label={word("dismiss")} onClick={() => session.set({ notice: null })}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}

/** Stays at the bottom when the reader is there, and keeps its place when earlier messages come in above. */
function Log({ thread }: { thread: Thread }) {
  const list = useRef<HTMLDivElement>(null);
  const place = useRef({ bottom: true, height: 0, first: Infinity });
  const lines = thread.lines();

  useLayoutEffect(() => {
    const shown = list.current;
    if (!shown) return;
    const { bottom, height, first } = place.current;
    if (bottom) shown.scrollTop = shown.scrollHeight;
    else if (thread.first < first) shown.scrollTop += shown.scrollHeight - height;
    place.current = { bottom: place.current.bottom, height: shown.scrollHeight, first: thread.first };
  });

  const scrolled = (): void => {
    const shown = list.current;
    if (shown) place.current.bottom = shown.scrollHeight - shown.scrollTop - shown.clientHeight < BOTTOM;
  };

  return (
    <div id="messages" class="messages" ref={list} tabIndex={0} role="log" aria-label={word("messages")} onScroll={scrolled}>
      {lines.length > 0 && thread.first > 1 && (
        <button type="button" class="quiet earlier" onClick={() => void thread.earlier()}>
          {word("earlier")}
        </button>
      )}
      <ol>
        {lines.map((entry) => (
          <Line entry={entry} thread={thread} key={entry.sequence} />
        ))}
      </ol>
    </div>
  );
}
