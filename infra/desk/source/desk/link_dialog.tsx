/** Continue on another channel: a link code, as a QR code, a link and a word, and ways to hand it over. */
import { useEffect, useState } from "preact/hooks";
import { explain } from "../api/call.js";
import type { Conversation, LinkCode, OfferedLink } from "../api/types.js";
import { channelName, span, word } from "../language/language.js";
import { controlOf } from "../live/control.js";
import { Dialog } from "./dialog.js";
import { ChannelIcon, Icon } from "./icons.js";
import { QrCode } from "./qr_code.js";
import { refusal } from "./refusal.js";
import { useSession } from "./session.js";

export function LinkDialog({ conversation }: { conversation: Conversation }) {
  const session = useSession();
  const [code, setCode] = useState<LinkCode | null>(null);
  const [chosen, setChosen] = useState<OfferedLink | null>(null);
  const [problem, setProblem] = useState("");
  const name = session.inbox.name(conversation.customer_id);
  const here = conversation.routes?.find((route) => route.identity_id === conversation.active_route)?.channel;

  const ask = async (): Promise<void> => {
    setProblem("");
    try {
      const answer = await session.api.linkCode(conversation.customer_id);
      setCode(answer);
      setChosen(answer.links.find((link) => link.qr && link.channel !== here && link.channel === "wechat") ?? answer.links.find((link) => link.channel !== here) ?? null);
      session.set({ offered: answer });
    } catch (error) {
      setProblem(explain(error));
    }
  };
  useEffect(() => void ask(), []);

  return (
    <Dialog id="link-dialog" title={word("linkTitle")} close={() => session.set({ dialog: null })}>
      <p class="quiet">{word("linkIntro", { name })}</p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {code && (
        <>
          <div class="link-channels" role="group" aria-label={word("route")}>
            {code.links.map((link) => (
              <button
                type="button"
                key={link.channel + link.account}
                data-channel={link.channel}
                aria-pressed={link === chosen}
                onClick={() => setChosen(link)}
              >
                <ChannelIcon channel={link.channel} /> {channelName(link.channel)}
                {code.links.filter((each) => each.channel === link.channel).length > 1 && ` ${link.account}`}
              </button>
            ))}
          </div>
          {chosen && <Offer link={chosen} code={code} conversation={conversation} name={name} />}
          <p class="link-foot">
            <Expiry moment={code.expires_at} />
            <button type="button" class="quiet" onClick={() => void ask()}>
              {word("linkNew")}
            </button>
          </p>
        </>
      )}
    </Dialog>
  );
}

interface OfferProps {
  link: OfferedLink;
  code: LinkCode;
  conversation: Conversation;
  name: string;
}

function Offer({ link, code, conversation, name }: OfferProps) {
  const session = useSession();
  const [state, setState] = useState("");
  const channel = channelName(link.channel);
  // What the customer sees: a link that a phone can follow, else the code itself.
  const followed = /^https?:/.test(link.url);
  const text = followed ? word("linkText", { channel, url: link.url }) : word("linkTextCode", { channel, code: code.code });

  const send = async (): Promise<void> => {
    try {
      const body = { parts: [{ type: "text", text }], author: { type: "agent" as const } };
      await session.reply(conversation, body, crypto.randomUUID());
      setState(word("linkSent"));
      await session.thread?.now();
    } catch (error) {
      setState(refusal(error));
    }
  };
  const copy = async (what: string): Promise<void> => {
    await navigator.clipboard.writeText(what);
    setState(word("copied"));
  };
  const toPhone = session.local ? (): void => session.set({ dialog: null, pane: link.channel, view: "customers" }) : null;

  return (
    <div class="offer">
      {link.qr && (
        <figure>
          <QrCode text={link.qr} label={word("qr", { channel })} />
          <figcaption>{word("linkScan")}</figcaption>
        </figure>
      )}
      <dl>
        <dt>{word("linkType")}</dt>
        <dd>
          <strong class="code">{code.code}</strong>
          <button type="button" class="quiet" onClick={() => void copy(code.code)}>
            {word("copy")}
          </button>
        </dd>
        <dt>{word("linkOpen")}</dt>
        <dd>
          <code class="address">{link.url}</code>
          <button type="button" class="quiet" onClick={() => void copy(link.url)}>
            {word("copy")}
          </button>
        </dd>
      </dl>
      <p class="offer-tools">
        <span role="status">{state}</span>
        {toPhone && (
          <button type="button" id="to-phone" onClick={toPhone}>
            <Icon name="phone" /> {word("usePhone")}
          </button>
        )}
        <button type="button" id="link-send" class="main" onClick={() => void send()}>
          <span>{word(controlOf(conversation, session.api.party).takeable ? "linkTakeAndSend" : "linkSend", { name })}</span>
        </button>
      </p>
    </div>
  );
}

function Expiry({ moment }: { moment: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const left = Date.parse(moment) - now;
  return <span class="quiet">{left > 0 ? word("linkExpires", { time: span(left) }) : word("linkExpired")}</span>;
}
