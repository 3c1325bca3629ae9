/** The reply box: it knows where a reply goes, what is left of the send window there, and what to offer instead. */
import { useEffect, useRef, useState } from "preact/hooks";
import { CallError } from "../api/call.js";
import type { ReplyBody } from "../api/api.js";
import type { Conversation, Route } from "../api/types.js";
import { channelName, channelNames, word, wordFor } from "../language/language.js";
import { controlOf } from "../live/control.js";
import type { Thread } from "../live/thread.js";
import { Attachments, useAttachments } from "./attachments.js";
import { partsOf } from "./content.js";
import { Icon } from "./icons.js";
import { refusal } from "./refusal.js";
import { Routes } from "./routes.js";
import { useSession } from "./session.js";

const TYPING_EVERY = 5000;

interface Props {
  thread: Thread;
  conversation: Conversation;
  name: string;
}

export function Reply({ thread, conversation, name }: Props) {
  const session = useSession();
  const [text, setText] = useState(() => drafts.get(thread.id) ?? "");
  const [chosen, setChosen] = useState<string | null>(null);
  const [fallback, setFallback] = useState(false);
  const [choices, setChoices] = useState<string | null>(null);
  const [bot, setBot] = useState(false);
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const [asked, setAsked] = useState(false);
  const [dragging, setDragging] = useState(false);
  const files = useAttachments();
  const attempt = useRef({ content: "", key: "" });
  const typed = useRef(0);
  const latest = useRef<() => Promise<void>>(async () => undefined);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  const routes = conversation.routes ?? [];
  const route = routes.find((each) => each.identity_id === (chosen ?? conversation.active_route)) ?? routes[0];
  const others = routes.filter((each) => each !== route);
  const usable = others.filter((each) => each.can_reply);
  useEffect(() => {
    if (chosen && !routes.some((each) => each.identity_id === chosen)) setChosen(null);
  }, [routes.length]);
  useEffect(() => {
    if (asked && files.items.every((item) => item.media || item.problem)) void latest.current();
  }, [files.items]);
  useEffect(() => {
    drafts.set(thread.id, text);
    grow(field.current);
  }, [text]);

  if (conversation.status === "closed") return <p class="reply-closed">{word("closedConversation")}</p>;
  if (!route) return <p class="reply-closed">{word("noRoute")}</p>;

  const control = controlOf(conversation, session.api.party);
  // While one party answers, a reply as another is refused: then the agent writes as the desk.
  const free = !control.controller && !control.offered;
  const blocked = control.refused || (!route.can_reply && !(fallback && usable.length));
  const parts = partsOf(text, choices, files.items);
  const uploading = files.items.some((item) => !item.media && !item.problem);
  const refused = files.items.some((item) => item.problem);
  const ready = (parts.length > 0 || uploading) && !refused && !sending && !blocked;

  const send = async (): Promise<void> => {
    if (!ready) return;
    // What was asked for while a file is still on its way up is sent as soon as it is there.
    setAsked(uploading);
    if (uploading) return;
    const body: ReplyBody = { parts, author: { type: bot && free ? "bot" : "agent" } };
    if (chosen) body.route = { identity_id: chosen };
    if (fallback && others.length) body.fallback = "auto";
    // The same reply tried again carries the same key, so that it is sent once.
    const content = JSON.stringify([thread.id, body]);
    if (attempt.current.content !== content) attempt.current = { content, key: crypto.randomUUID() };
    setSending(true);
    try {
      await session.reply(conversation, body, attempt.current.key);
      attempt.current = { content: "", key: "" };
      setText("");
      setChoices(null);
      files.clear();
      setProblem("");
      await thread.now();
      scrollDown();
    } catch (error) {
      setProblem(word("notSent", { reason: refusal(error) }));
      if (error instanceof CallError && error.status === 409) await thread.now();
    } finally {
      setSending(false);
      field.current?.focus();
    }
  };

  latest.current = send;

  const tellTyping = (): void => {
    if (Date.now() - typed.current < TYPING_EVERY || !(free || control.mine)) return;
    typed.current = Date.now();
    // A courtesy: a channel that cannot show it refuses, and nothing is lost.
    session.api.typing(thread.id).catch(() => undefined);
  };

  return (
    <form
      id="reply"
      class={dragging ? "reply dragging" : "reply"}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        files.add(event.dataTransfer?.files);
      }}
    >
      <Routes routes={routes} active={conversation.active_route} chosen={route} choose={setChosen} />
      {!route.can_reply && (
        <p class="notice bad" role="status">
          <span>
            {word("routeClosed", { channel: channelName(route.channel), reason: wordFor("because", route.reason ?? "window_closed") })}
          </span>
          {usable[0] && (
            <button type="button" onClick={() => setChosen(usable[0]?.identity_id ?? null)}>
              {word("useInstead", { channel: channelName(usable[0].channel) })}
            </button>
          )}
        </p>
      )}
      <div class="writing">
        <label class="hidden" for="reply-text">
          {word("reply")}
        </label>
        <textarea
          id="reply-text"
          ref={field}
          rows={1}
          value={text}
          placeholder={word("replyHint", { name, channel: channelName(route.channel) })}
          aria-describedby="reply-help"
          onInput={(event) => {
            setText(event.currentTarget.value);
            tellTyping();
          }}
          onPaste={(event) => files.add(event.clipboardData?.files)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <span id="reply-help" class="hidden">
          {word(control.takeable ? "replyHelpTaking" : "replyHelp")}
        </span>
        {choices !== null && (
          <textarea
            id="reply-choices"
            rows={3}
            value={choices}
            aria-label={word("choices")}
            placeholder={word("choicesHint")}
            onInput={(event) => setChoices(event.currentTarget.value)}
          />
        )}
        <Attachments files={files} />
        {dragging && <p class="drop">{word("dropHere")}</p>}
        <div class="reply-tools">
          <button
            type="button"
            class="icon-button"
            aria-label={word("attach")}
            title={word("attach")}
            onClick={() => picker.current?.click()}
          >
            <Icon name="clip" />
          </button>
          <input
            id="reply-file"
            ref={picker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              files.add(event.currentTarget.files);
              event.currentTarget.value = "";
            }}
          />
          <button
            type="button"
            class="quiet"
            aria-pressed={choices !== null}
            onClick={() => setChoices(choices === null ? "" : null)}
          >
            <Icon name="list" /> <span>{word("choices")}</span>
          </button>
          {free && (
            <label class="check">
              <input type="checkbox" id="reply-bot" checked={bot} onChange={(event) => setBot(event.currentTarget.checked)} />
              {word("bot")}
            </label>
          )}
          {usable.length > 0 && (
            <label class="check">
              <input
                type="checkbox"
                id="reply-fallback"
                checked={fallback}
                onChange={(event) => setFallback(event.currentTarget.checked)}
              />
              {word("fallback", { channels: channelNames(usable.map((each) => each.channel)) })}
            </label>
          )}
          <Length text={text} route={route} />
          <button type="submit" class="main" disabled={!ready}>
            <Icon name="send" />
            <span>{word(control.takeable ? "takeOverAndSend" : "send")}</span>
          </button>
        </div>
      </div>
      <p id="reply-problem" class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}

const drafts = new Map<string, string>();

function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.rows = Math.min(8, Math.max(1, field.value.split("\n").length, Math.ceil(field.value.length / 70)));
}

function scrollDown(): void {
  const list = document.getElementById("messages");
  if (list) list.scrollTop = list.scrollHeight;
}

/** Tells beforehand that a text is longer than the channel takes at once. */
function Length({ text, route }: { text: string; route: Route }) {
  const { channels } = useSession();
  const limit = channels.find((each) => each.channel === route.channel)?.capabilities.text;
  if (!limit) return null;
  const count = limit.unit === "bytes" ? new TextEncoder().encode(text).length : [...text].length;
  if (count <= limit.maximum) return null;
  return <span class="small">{word("tooLong", { count, maximum: limit.maximum, unit: limit.unit })}</span>;
}
