/** The customers of the local stack: a phone for each channel that has a stand-in. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LocalSettings } from "../api/connection.js";
import { useSession } from "../desk/session.js";
import { ChannelIcon } from "../desk/icons.js";
import { channelName, word } from "../language/language.js";
import { MailPhone } from "./mail.js";
import { SlackPhone } from "./slack.js";
import { WebChatPhone } from "./webchat.js";
import { WeChatPhone } from "./wechat.js";

/** A channel that comes later adds its phone here. */
const PHONES: Record<string, ComponentType> = { webchat: WebChatPhone, wechat: WeChatPhone, email: MailPhone, slack: SlackPhone };

export function Customers({ settings }: { settings: LocalSettings }) {
  const session = useSession();
  const names = Object.keys(PHONES).filter((name) => name in settings.accounts);
  const [chosen, setChosen] = useState(names[0] ?? "");
  useEffect(() => {
    if (session.pane && names.includes(session.pane)) {
      setChosen(session.pane);
      session.set({ pane: null });
    }
  }, [session.pane]);

  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = names[(names.indexOf(chosen) + step + names.length) % names.length];
    if (!next) return;
    setChosen(next);
    document.getElementById(`tab-${next}`)?.focus();
  };

  return (
    <section class="customers" aria-label={word("customersTitle")}>
      <div class="tabs" role="tablist" aria-label={word("customersTitle")} onKeyDown={move}>
        {names.map((name) => (
          <button
            type="button"
            role="tab"
            key={name}
            id={`tab-${name}`}
            aria-controls={`phone-${name}`}
            aria-selected={name === chosen}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => setChosen(name)}
          >
            <ChannelIcon channel={name} /> <span>{channelName(name)}</span>
          </button>
        ))}
      </div>
      {names.map((name) => {
        const Phone = PHONES[name];
        const shown = name === chosen;
        // The web chat stays while another phone is looked at, as a tab of a browser does.
        return (
          <div role="tabpanel" class={`phone phone-${name}`} id={`phone-${name}`} key={name} aria-labelledby={`tab-${name}`} hidden={!shown}>
            {Phone && (shown || name === "webchat") && <Phone />}
          </div>
        );
      })}
    </section>
  );
}
