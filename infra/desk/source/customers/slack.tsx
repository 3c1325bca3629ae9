/** A Slack workspace as its people see it, by the Slack stand-in. */
import { useState } from "preact/hooks";
import { Icon } from "../desk/icons.js";
import { useSession } from "../desk/session.js";
import { clock, size, type Word, word } from "../language/language.js";
import { Problem, Screen } from "./screen.js";
import { type Block, Blocks, type Names, SlackText, type Tap } from "./slack_blocks.js";
import { ask, base64, tell, useLook } from "./stand_in.js";

const DIRECT = "direct";
const PARTNER = "Acme";
const KINDS = ["customer", "staff", "partner"] as const;

interface User {
  id: string;
  real_name: string;
  role: string;
  team_id: string;
}

interface Channel {
  id: string;
  name: string;
  kind: string;
  user?: string;
  members: string[];
  shared: boolean;
}

interface SlackFile {
  id: string;
  name: string;
  title: string;
  mime_type: string;
  size: number;
}

interface SlackMessage {
  ts: string;
  thread_ts?: string;
  user: string;
  bot_id?: string;
  text: string;
  blocks?: Block[];
  file_ids: string[];
  edited?: unknown;
  state: string;
  reactions?: { name: string; count: number; users: string[] }[];
}

interface Workspace {
  accounts: { bot_name: string }[];
  users: User[];
  channels: Channel[];
  partners: Record<string, string>;
}

interface Looked {
  workspace: Workspace;
  user: string | null;
  channel: (Channel & { messages: SlackMessage[]; files: Record<string, SlackFile> }) | null;
}

interface Writing {
  thread?: string;
  editing?: SlackMessage;
}

export function SlackPhone() {
  const session = useSession();
  const [place, setPlace] = useState({ user: "", channel: DIRECT });
  const [text, setText] = useState("");
  const [writing, setWriting] = useState<Writing>({});
  const { state, problem, act } = useLook<Looked>(async () => {
    const workspace = await ask<Workspace>("slack", "state");
    const user = place.user || people(workspace)[0]?.id || null;
    const id = user && channelId(workspace, user, place.channel);
    return { workspace, user, channel: id ? await ask("slack", `channels/${id}`) : null };
  }, `${place.user} ${place.channel}`);

  const user = state?.user ?? null;
  const names = state ? namesOf(state.workspace) : {};
  const channel = state && user ? channelId(state.workspace, user, place.channel) : null;
  const perform = (what: string, body: object): Promise<boolean> => act(() => tell("slack", `${what}?wait=0`, { user, ...body }));
  const begin = (next: Writing): void => {
    setWriting(next);
    setText(next.editing ? plain(next.editing.text, names) : "");
    document.getElementById("slack-text")?.focus();
  };

  const send = async (said: string): Promise<void> => {
    if (!said.trim()) return;
    const { editing, thread } = writing;
    const done = editing
      ? await perform("edits", { channel, ts: editing.ts, text: said })
      : await perform("messages", { channel, thread_ts: thread ?? null, text: said });
    if (!done) return;
    setText("");
    if (editing) setWriting({});
  };

  const create = (name: string, kind: string): Promise<boolean> =>
    act(async () => {
      const made = await tell<User>("slack", "users", kind === "partner" ? { name, organisation: PARTNER } : { name, role: kind });
      setPlace({ user: made.id, channel: kind === "partner" ? await sharedChannel() : DIRECT });
    });

  const offered = session.offered;
  return (
    <>
      <header class="phone-head slack-places">
        {state && user && (
          <>
            <select
              id="slack-user"
              aria-label={word("person")}
              value={user}
              onChange={(event) => setPlace({ user: event.currentTarget.value, channel: DIRECT })}
            >
              {people(state.workspace).map((each) => (
                <option value={each.id} key={each.id}>
                  {each.real_name} ({state.workspace.partners[each.team_id] ?? word(`kind_${each.role}` as Word)})
                </option>
              ))}
            </select>
            <select
              id="slack-place"
              aria-label={word("place")}
              value={place.channel}
              onChange={(event) => setPlace({ user, channel: event.currentTarget.value })}
            >
              <option value={DIRECT}>{word("directWith", { name: state.workspace.accounts[0]?.bot_name ?? "" })}</option>
              {state.workspace.channels
                .filter((each) => each.kind !== "im" && each.members.includes(user))
                .map((each) => (
                  <option value={each.id} key={each.id}>
                    #{each.name}
                    {each.shared && ` (${word("shared")})`}
                  </option>
                ))}
            </select>
          </>
        )}
        <NewPerson create={create} />
      </header>
      {state && !user && <p class="empty">{word("noPeople")}</p>}
      <Screen id="slack-messages">
        {state?.channel && inThreads(state.channel.messages).map((message) => (
          <Line
            key={message.ts}
            message={message}
            names={names}
            files={state.channel?.files ?? {}}
            own={message.user === user}
            begin={begin}
            act={(what, body) => void perform(what, { channel, ts: message.ts, ...body })}
            user={user ?? ""}
          />
        ))}
      </Screen>
      {offered && user && (
        <button
          type="button"
          id="slack-use-code"
          class="taken"
          onClick={() => {
            session.set({ offered: null });
            void send(offered.code);
          }}
        >
          <Icon name="link" /> {word("useCode", { code: offered.code })}
        </button>
      )}
      {(writing.thread || writing.editing) && (
        <p class="slack-writing">
          {word(writing.editing ? "editing" : "writingInThread")}
          <button type="button" class="quiet" onClick={() => begin({})}>
            {word("cancel")}
          </button>
        </p>
      )}
      {user && (
        <form
          id="slack-form"
          class="phone-form"
          onSubmit={(event) => {
            event.preventDefault();
            void send(text);
          }}
        >
          <input
            id="slack-text"
            autocomplete="off"
            value={text}
            aria-label={word("writeText")}
            placeholder={word("writeAs", { name: names[user] ?? "" })}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <label class="icon-button" title={word("attach")}>
            <Icon name="clip" />
            <span class="hidden">{word("attach")}</span>
            <input
              id="slack-file"
              class="hidden"
              type="file"
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                event.currentTarget.value = "";
                if (!file) return;
                void act(async () =>
                  tell("slack", "messages?wait=0", {
                    user,
                    channel,
                    thread_ts: writing.thread ?? null,
                    text,
                    files: [{ name: file.name, data: await base64(file) }],
                  }),
                ).then((done) => done && setText(""));
              }}
            />
          </label>
          <button
            type="button"
            class="quiet"
            title={word("command")}
            onClick={() => void perform("commands", { channel, text }).then((done) => done && setText(""))}
          >
            /support
          </button>
          <button type="submit" class="main icon-button" aria-label={word("send")}>
            <Icon name="send" />
          </button>
        </form>
      )}
      <Problem text={problem} />
    </>
  );
}

const people = (workspace: Workspace): User[] => workspace.users.filter((user) => user.role !== "app");

/** The channel's id; null while the direct messages have not been opened. */
function channelId(workspace: Workspace, user: string, place: string): string | null {
  if (place !== DIRECT) return place;
  return workspace.channels.find((channel) => channel.kind === "im" && channel.user === user)?.id ?? null;
}

function namesOf({ users, channels }: Workspace): Names {
  return Object.fromEntries([...users.map((user) => [user.id, user.real_name]), ...channels.map((channel) => [channel.id, channel.name])]);
}

/** The id of the channel shared with the partner, which is made when there is none. */
async function sharedChannel(): Promise<string> {
  const { channels } = await ask<Workspace>("slack", "state");
  const known = channels.find((channel) => channel.shared);
  return (known ?? (await tell<Channel>("slack", "channels", { name: PARTNER.toLowerCase(), shared: true }))).id;
}

/** Each message with the replies to it below. */
function inThreads(messages: SlackMessage[]): SlackMessage[] {
  const top = messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
  return top.flatMap((message) => [
    message,
    ...messages.filter((reply) => reply.thread_ts === message.ts && reply.ts !== message.ts),
  ]);
}

/** Slack's form of a text as the person typed it. */
function plain(text: string, names: Names): string {
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id: string) => `@${names[id] || id}`)
    .replace(/<([^<>|]+)(?:\|[^<>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

interface LineProps {
  message: SlackMessage;
  names: Names;
  files: Record<string, SlackFile>;
  own: boolean;
  user: string;
  begin: (writing: Writing) => void;
  act: (what: string, body: object) => void;
}

function Line({ message, names, files, own, user, begin, act }: LineProps) {
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  const tap: Tap = (action) => act("taps", action);
  return (
    <li class={reply ? "slack-message in-thread" : "slack-message"}>
      <p class="slack-head">
        <strong>{names[message.user] ?? message.user}</strong>
        {message.bot_id && <span class="app">APP</span>}
        <time>{clock(Number(message.ts) * 1000)}</time>
        {Boolean(message.edited) && <span class="quiet">{word("edited")}</span>}
        {own && message.state !== "delivered" && <span>{message.state === "failed" ? "⚠" : "…"}</span>}
      </p>
      {message.bot_id && message.blocks?.length ? (
        <Blocks blocks={message.blocks} names={names} tap={tap} />
      ) : (
        <SlackText text={message.text} names={names} formatted={Boolean(message.bot_id)} />
      )}
      {message.file_ids.map((id) => files[id] && <Attached file={files[id]} key={id} />)}
      {message.reactions && message.reactions.length > 0 && (
        <div class="reactions">
          {message.reactions.map(({ name, count, users }) => (
            <button
              type="button"
              key={name}
              aria-pressed={users.includes(user)}
              onClick={() => act("reactions", { name, added: !users.includes(user) })}
            >
              :{name}: {count}
            </button>
          ))}
        </div>
      )}
      <div class="slack-tools">
        <button type="button" class="quiet" onClick={() => begin({ thread: message.thread_ts ?? message.ts })}>
          {word("thread")}
        </button>
        <button type="button" class="quiet" onClick={() => act("reactions", { name: "+1" })}>
          :+1:
        </button>
        {own && (
          <>
            <button type="button" class="quiet" onClick={() => begin({ editing: message })}>
              {word("edit")}
            </button>
            <button type="button" class="quiet" onClick={() => act("deletions", {})}>
              {word("remove")}
            </button>
          </>
        )}
      </div>
    </li>
  );
}

function Attached({ file }: { file: SlackFile }) {
  const address = `/_control/slack/files/${encodeURIComponent(file.id)}`;
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.mime_type)) return <img src={address} alt={file.title} />;
  return (
    <a href={address} download={file.name}>
      {file.title} ({size(file.size)})
    </a>
  );
}

function NewPerson({ create }: { create: (name: string, kind: string) => Promise<boolean> }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<string>("customer");
  return (
    <form
      id="slack-new"
      class="new-person"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void create(name.trim(), kind).then((done) => done && setName(""));
      }}
    >
      <input
        id="slack-name"
        value={name}
        maxLength={40}
        aria-label={word("newPerson")}
        placeholder={word("newPerson")}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <select id="slack-kind" aria-label={word("kind")} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
        {KINDS.map((each) => (
          <option value={each} key={each}>
            {word(`kind_${each}` as Word)}
          </option>
        ))}
      </select>
      <button type="submit" class="icon-button" aria-label={word("add")} title={word("add")}>
        <Icon name="plus" />
      </button>
    </form>
  );
}
