/** A customer's mail program: the mailbox of a made-up address, by the mail stand-in. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../desk/icons.js";
import { useSession } from "../desk/session.js";
import { clock, preferences, size, word } from "../language/language.js";
import { Problem } from "./screen.js";
import { ask, base64, tell, useLook } from "./stand_in.js";

const CONTROL = "/_control/email";

interface Summary {
  id: string;
  at: number;
  direction: "sent" | "received";
  from: string;
  to: string;
  subject?: string;
}

interface Mail extends Summary {
  text?: string;
  html?: string;
  headers: [string, string][];
  attachments: { index: number; filename: string; size: number }[];
}

interface Draft {
  to: string;
  subject: string;
  text: string;
  answered?: string;
}

type View = { list: true } | { mail: Mail } | { draft: Draft };

export function MailPhone() {
  const session = useSession();
  const [author, setAuthor] = useState("Ann Lee <ann@trusted.example>");
  const [support, setSupport] = useState("");
  const [view, setView] = useState<View>({ list: true });
  const address = addressOf(author);
  const { state, problem, act } = useLook<Summary[]>(
    async () => (address ? (await ask<{ items: Summary[] }>("email", `mailboxes/${encodeURIComponent(address)}`)).items : []),
    address,
  );

  useEffect(() => {
    void ask<{ accounts: Record<string, { address: string }> }>("email", "settings").then((settings) =>
      setSupport(Object.values(settings.accounts)[0]?.address ?? ""),
    );
  }, []);
  useEffect(() => {
    if (session.mailto) {
      setView({ draft: readMailto(session.mailto) });
      session.set({ mailto: null });
    }
  }, [session.mailto]);

  const offered = session.offered?.links.find((link) => link.channel === "email");
  const open = (id: string): void =>
    void act(async () => setView({ mail: await ask<Mail>("email", `messages/${encodeURIComponent(id)}`) }));

  return (
    <>
      <header class="phone-head">
        <input
          id="email-address"
          value={author}
          autocomplete="off"
          spellcheck={false}
          aria-label={word("address")}
          title={word("addressHint")}
          onChange={(event) => {
            setAuthor(event.currentTarget.value);
            setView({ list: true });
          }}
        />
        <button type="button" id="email-new" class="quiet" onClick={() => setView({ draft: { to: support, subject: "", text: "" } })}>
          {word("newMail")}
        </button>
      </header>
      {offered && (
        <button
          type="button"
          id="email-open-link"
          class="taken"
          onClick={() => {
            setView({ draft: readMailto(offered.url) });
            session.set({ offered: null });
          }}
        >
          <Icon name="link" /> {word("useLink")}
        </button>
      )}
      {"list" in view && <List mails={state ?? []} loaded={state !== null} open={open} />}
      {"mail" in view && (
        <Read
          key={view.mail.id}
          mail={view.mail}
          back={() => setView({ list: true })}
          answer={(mail) => setView({ draft: answerTo(mail) })}
        />
      )}
      {"draft" in view && (
        <Write
          draft={view.draft}
          back={() => setView({ list: true })}
          send={async (body) => {
            const done = await act(() => tell("email", "messages", { ...body, from: author }));
            if (done) setView({ list: true });
          }}
        />
      )}
      <Problem text={problem} />
    </>
  );
}

/** The address as it was typed may have a name before it. */
const addressOf = (author: string): string => (/<([^>]*)>/.exec(author)?.[1] ?? author).trim().toLowerCase();

function readMailto(link: string): Draft {
  const url = new URL(link);
  const field = (name: string): string => url.searchParams.get(name)?.replaceAll("\r\n", "\n") ?? "";
  return { to: decodeURIComponent(url.pathname), subject: field("subject"), text: field("body") };
}

function answerTo(mail: Mail): Draft {
  const replyTo = mail.headers.find(([name]) => name.toLowerCase() === "reply-to")?.[1];
  const subject = mail.subject ?? "";
  return { to: replyTo || mail.from, subject: /^re:/i.test(subject) ? subject : `Re: ${subject}`, text: "", answered: mail.id };
}

function List({ mails, loaded, open }: { mails: Summary[]; loaded: boolean; open: (id: string) => void }) {
  return (
    <div class="mail-view" tabIndex={0} role="region" aria-label={word("email")}>
      <ol id="email-mails">
        {[...mails].reverse().map((mail) => (
          <li key={mail.id}>
            <button type="button" class={`mail ${mail.direction}`} onClick={() => open(mail.id)}>
              <span class="name">{mail.direction === "sent" ? word("to", { address: mail.to }) : mail.from}</span>
              <time>{clock(mail.at * 1000)}</time>
              <span class="preview">{mail.subject || word("noSubject")}</span>
            </button>
          </li>
        ))}
      </ol>
      {loaded && !mails.length && <p class="empty">{word("noMails")}</p>}
      {!mails.length && <p class="empty small">{word("addressHint")}</p>}
    </div>
  );
}

interface ReadProps {
  mail: Mail;
  back: () => void;
  answer: (mail: Mail) => void;
}

function Read({ mail, back, answer }: ReadProps) {
  const [html, setHtml] = useState(Boolean(mail.html));
  return (
    <article class="mail-view">
      <div class="mail-tools">
        <button type="button" class="icon-button" aria-label={word("back")} onClick={back}>
          <Icon name="back" />
        </button>
        {mail.html && (
          <>
            <button type="button" class="quiet" aria-pressed={html} onClick={() => setHtml(true)}>
              {word("html")}
            </button>
            <button type="button" class="quiet" aria-pressed={!html} onClick={() => setHtml(false)}>
              {word("plainText")}
            </button>
          </>
        )}
        {mail.direction === "received" && (
          <button type="button" id="email-reply" class="main" onClick={() => answer(mail)}>
            {word("reply")}
          </button>
        )}
      </div>
      <header class="mail-head">
        <h3>{mail.subject || word("noSubject")}</h3>
        <p>
          {mail.from} <time class="quiet">{clock(mail.at * 1000)}</time>
        </p>
        <p class="quiet small">{word("to", { address: mail.to })}</p>
      </header>
      {html ? (
        // A frame that may run and load nothing: the answer's own policy says so once more.
        <iframe class="mail-frame" src={`${CONTROL}/messages/${mail.id}/html`} sandbox="" title={mail.subject || word("email")} />
      ) : (
        <pre class="mail-text" tabIndex={0}>
          {mail.text}
        </pre>
      )}
      <ul class="mail-files" aria-label={word("files")}>
        {mail.attachments.map((each) => (
          <li key={each.index}>
            <a href={`${CONTROL}/messages/${mail.id}/attachments/${each.index}`} download={each.filename}>
              {each.filename} ({size(each.size)})
            </a>
          </li>
        ))}
        <li>
          <a href={`${CONTROL}/messages/${mail.id}/raw`} download={`${mail.id}.eml`}>
            {word("original")}
          </a>
        </li>
      </ul>
    </article>
  );
}

interface WriteProps {
  draft: Draft;
  back: () => void;
  send: (body: Record<string, unknown>) => Promise<void>;
}

function Write({ draft, back, send }: WriteProps) {
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    const values = new FormData(form);
    const files = values.getAll("files").filter((file): file is File => file instanceof File && file.size > 0);
    const attachments = await Promise.all(
      files.map(async (file) => ({
        filename: file.name,
        mime_type: file.type || "application/octet-stream",
        data: await base64(file),
      })),
    );
    await send({
      to: [String(values.get("to")).trim()],
      subject: String(values.get("subject")),
      text: String(values.get("text")),
      language: preferences.language === "zh-CN" ? "zh" : "en",
      attachments,
      ...(draft.answered ? { in_reply_to_message: draft.answered } : {}),
    });
    setBusy(false);
  };
  return (
    <form
      id="email-write"
      class="mail-view"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <div class="mail-tools">
        <button type="button" class="icon-button" aria-label={word("back")} onClick={back}>
          <Icon name="back" />
        </button>
        <button type="submit" class="main" disabled={busy}>
          {word("send")}
        </button>
      </div>
      <label class="field">
        {word("recipient")}
        <input name="to" required autocomplete="off" spellcheck={false} defaultValue={draft.to} />
      </label>
      <label class="field">
        {word("subject")}
        <input name="subject" autocomplete="off" defaultValue={draft.subject} />
      </label>
      <label class="field grow">
        {word("body")}
        <textarea name="text" rows={9} defaultValue={draft.text} />
      </label>
      <label class="field">
        {word("files")}
        <input name="files" type="file" multiple />
      </label>
    </form>
  );
}
