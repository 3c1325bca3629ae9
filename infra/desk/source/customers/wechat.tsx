/** A WeChat user's phone, by the WeChat stand-in. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../desk/icons.js";
import { SafeLink } from "../desk/parts.js";
import { useSession } from "../desk/session.js";
import { clock, word } from "../language/language.js";
import { Problem, Screen } from "./screen.js";
import { ask, base64, tell, useLook } from "./stand_in.js";

const LINKS = /<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs;
const PLACE = { type: "location", latitude: 23.134521, longitude: 113.358803, label: "广州塔", scale: 16 };
const PAGE = { type: "link", title: "Example", description: "example.com", url: "https://example.com/" };

interface User {
  openid: string;
  name: string;
  account: string;
  relation: string;
  typing: boolean;
}

interface Entry {
  id: number;
  at: number;
  direction: "sent" | "received" | "event" | "notice";
  type: string;
  content?: Content;
  state: string;
  ai: boolean;
}

interface Content {
  [name: string]: unknown;
  media_id?: string;
  list?: { id: string; content: string }[];
  articles?: { title: string; description: string; url: string; picurl: string }[];
}

interface Code {
  scene: string;
  url: string;
  account: string;
}

interface Looked {
  users: User[];
  customer: (User & { timeline: Entry[] }) | null;
  codes: Code[];
}

export function WeChatPhone() {
  const session = useSession();
  const [chosen, setChosen] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [scanning, setScanning] = useState(false);
  const { state, problem, act } = useLook<Looked>(async () => {
    const [{ items: users }, { items: codes }] = await Promise.all([
      ask<{ items: User[] }>("wechat", "users"),
      ask<{ items: Code[] }>("wechat", "codes"),
    ]);
    const openid = chosen ?? users.at(-1)?.openid;
    const customer = openid ? await ask<User & { timeline: Entry[] }>("wechat", `customers/${openid}`) : null;
    return { users, customer, codes };
  }, chosen ?? "");

  const customer = state?.customer ?? null;
  const path = `customers/${customer?.openid}`;
  const write = (message: unknown): Promise<boolean> => act(() => tell("wechat", `${path}/messages?wait=0`, message));
  const scan = (code: Code): void => {
    setScanning(false);
    session.set({ offered: null });
    void act(() => tell("wechat", `${path}/scan?wait=0`, { url: code.url }));
  };

  return (
    <>
      <header class="phone-head">
        {state && state.users.length > 0 && customer && (
          <>
            <select id="wechat-user" aria-label={word("person")} value={customer.openid} onChange={(event) => setChosen(event.currentTarget.value)}>
              {state.users.map((user) => (
                <option value={user.openid} key={user.openid}>
                  {user.name} ({user.account})
                </option>
              ))}
            </select>
            <button
              type="button"
              id="wechat-follow"
              class="quiet"
              onClick={() => void act(() => tell("wechat", `${path}/${customer.relation === "following" ? "unfollow" : "follow"}?wait=0`))}
            >
              {word(customer.relation === "following" ? "unfollow" : "follow")}
            </button>
          </>
        )}
        <NewUser
          create={(name) =>
            act(async () => {
              const made = await tell<User>("wechat", "customers?wait=0", { name });
              setChosen(made.openid);
            })
          }
        />
      </header>
      {state && !customer && <p class="empty">{word("noPeople")}</p>}
      <Screen id="wechat-messages">
        {customer?.timeline.map((entry) => (
          <Line entry={entry} key={entry.id} choose={(option) => void write({ type: "choice", id: option.id, title: option.content })} />
        ))}
        {customer?.typing && <li class="message note">{word("typing", { name: "…" })}</li>}
      </Screen>
      {scanning && customer && <Codes codes={(state?.codes ?? []).filter((code) => code.account === customer.account)} scan={scan} />}
      {customer && (
        <>
          <form
            id="wechat-form"
            class="phone-form"
            onSubmit={(event) => {
              event.preventDefault();
              if (!text.trim()) return;
              void write({ type: "text", text }).then((done) => done && setText(""));
            }}
          >
            <input
              id="wechat-text"
              autocomplete="off"
              value={text}
              aria-label={word("writeAs", { name: customer.name })}
              placeholder={word("writeAs", { name: customer.name })}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <button type="submit" class="main icon-button" aria-label={word("send")}>
              <Icon name="send" />
            </button>
          </form>
          <div class="phone-tools" role="group" aria-label={word("sendOther")}>
            <button type="button" id="wechat-scan" class="strong" aria-expanded={scanning} onClick={() => setScanning(!scanning)}>
              <Icon name="scan" /> {word("scan")}
            </button>
            <label class="button">
              {word("picture")}
              <input
                id="wechat-picture"
                class="hidden"
                type="file"
                accept="image/png,image/jpeg,image/gif"
                onChange={(event) => {
                  const file = event.currentTarget.files?.[0];
                  if (file) void act(async () => tell("wechat", `${path}/messages?wait=0`, { type: "image", filename: file.name, data: await base64(file) }));
                  event.currentTarget.value = "";
                }}
              />
            </label>
            <button type="button" onClick={() => void write({ type: "voice" })}>
              {word("voice")}
            </button>
            <button type="button" onClick={() => void write(PLACE)}>
              {word("locationPin")}
            </button>
            <button type="button" onClick={() => void write(PAGE)}>
              {word("linkPart")}
            </button>
            <button type="button" onClick={() => void act(() => tell("wechat", `${path}/menu?wait=0`, { key: "CONTACT_US" }))}>
              {word("menu")}
            </button>
          </div>
        </>
      )}
      <Problem text={problem} />
    </>
  );
}

function NewUser({ create }: { create: (name: string) => Promise<boolean> }) {
  const [name, setName] = useState("");
  return (
    <form
      id="wechat-new"
      class="new-person"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void create(name.trim()).then((done) => done && setName(""));
      }}
    >
      <input
        id="wechat-name"
        value={name}
        maxLength={40}
        aria-label={word("newPerson")}
        placeholder={word("newPerson")}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="icon-button" aria-label={word("add")} title={word("add")}>
        <Icon name="plus" />
      </button>
    </form>
  );
}

/** The QR codes that the desk or the web chat shows: what a camera could be held at. */
function Codes({ codes, scan }: { codes: Code[]; scan: (code: Code) => void }) {
  if (!codes.length) return <p class="codes quiet">{word("scanNone")}</p>;
  return (
    <ul id="wechat-codes" class="codes">
      {codes.slice(0, 3).map((code) => (
        <li key={code.url}>
          <button type="button" onClick={() => scan(code)}>
            <Icon name="scan" /> {word("scanOf", { code: shownScene(code.scene) })}
          </button>
        </li>
      ))}
    </ul>
  );
}

function shownScene(scene: string): string {
  const found = /^link_(\w{4})(\w{4})$/.exec(scene);
  return found ? `${found[1]}-${found[2]}` : scene;
}

type Choose = (option: { id: string; content: string }) => void;

function Line({ entry, choose }: { entry: Entry; choose: Choose }) {
  const content = entry.content ?? {};
  if (entry.direction === "event") return <li class="message event">{eventText(entry.type, content)}</li>;
  if (entry.direction === "notice") return <li class="message note">{String(content.text ?? "")}</li>;
  const state = { sending: "…", failed: "⚠" }[entry.state];
  return (
    <li class={entry.direction === "sent" ? "message ours" : "message"}>
      <div class="bubble">
        <Body type={entry.type} content={content} choose={choose} />
        {entry.ai && <div class="ai">内容由第三方AI生成</div>}
      </div>
      <span class="meta">
        <time>{clock(entry.at * 1000)}</time> {state}
      </span>
    </li>
  );
}

function eventText(type: string, content: Content): string {
  if (type === "subscribe") return word(content.scene ? "followedByScan" : "followed");
  if (type === "unsubscribe") return word("unfollowed");
  if (type === "scan") return word("scanned");
  if (type === "menu") return word("menuTapped", { key: String(content.key ?? "") });
  return type;
}

function Body({ type, content, choose }: { type: string; content: Content; choose: Choose }): ComponentChildren {
  const said = (name: string): string => (content[name] === undefined || content[name] === null ? "" : String(content[name]));
  switch (type) {
    case "text":
    case "choice":
      return <TextWithLinks text={said("content") || said("text")} />;
    case "image":
      return <img src={media(content)} alt={word("picture")} />;
    case "voice":
      return <span>♪ {word("voice")}{content.recognition ? `: ${said("recognition")}` : ""}</span>;
    case "video":
      return <video src={media(content)} controls preload="none" aria-label="video" />;
    case "location":
      return <Card title={said("label") || word("locationPin")} text={`${said("latitude")}, ${said("longitude")}`} />;
    case "link":
      return <Card title={said("title")} text={said("description")} address={said("url")} />;
    case "miniprogrampage":
      return <Card title={said("title")} text={`${said("app_id") || said("appid")} ${said("page_path") || said("pagepath")}`} />;
    case "music":
      return <Card title={said("title") || "music"} text={said("description")} address={said("musicurl")} />;
    case "news": {
      const article = content.articles?.[0];
      return article ? <Card title={article.title} text={article.description} address={article.url} /> : null;
    }
    case "msgmenu":
      return (
        <>
          <p>{said("head_content")}</p>
          <ul class="menu">
            {content.list?.map((option) => (
              <li key={option.id}>
                <button type="button" onClick={() => choose(option)}>
                  {option.content}
                </button>
              </li>
            ))}
          </ul>
          <p>{said("tail_content")}</p>
        </>
      );
    default:
      return <Card title={type} text={JSON.stringify(content)} />;
  }
}

const media = (content: Content): string => `/_control/wechat/media/${encodeURIComponent(content.media_id ?? "")}`;

function Card({ title, text, address }: { title: string; text?: string; address?: string }) {
  return (
    <div class="card">
      <strong>{title}</strong>
      {text && <span class="quiet">{text}</span>}
      {address && <SafeLink address={address} />}
    </div>
  );
}

/** WeChat shows `<a href>` in texts as links; everything else is text. */
function TextWithLinks({ text }: { text: string }) {
  const pieces: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(LINKS)) {
    pieces.push(text.slice(end, match.index), <SafeLink address={match[1] ?? ""}>{match[2]}</SafeLink>);
    end = match.index + match[0].length;
  }
  return <p class="text">{[...pieces, text.slice(end)]}</p>;
}
