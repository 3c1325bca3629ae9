/** A visitor's browser: a made-up shop with the real widget in it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../desk/session.js";
import { preferences, word } from "../language/language.js";
import { Icon } from "../desk/icons.js";

const WIDGET_MEMORY = "onethread:";

export function WebChatPhone() {
  const session = useSession();
  const frame = useRef<HTMLIFrameElement>(null);
  const [visit, setVisit] = useState({ number: 1, code: "" });
  const theme = preferences.theme;
  const query = new URLSearchParams({ lang: preferences.language, visit: String(visit.number) });
  if (theme !== "auto") query.set("theme", theme);
  const address = `/shop/?${query}${visit.code && `#onethread=${visit.code}`}`;

  const another = (): void => {
    for (const name of Object.keys(localStorage)) if (name.startsWith(WIDGET_MEMORY)) localStorage.removeItem(name);
    setVisit({ number: visit.number + 1, code: "" });
  };

  // The shop passes on mail links, because a visitor's browser would open their mail program.
  useEffect(() => {
    const hear = (event: MessageEvent): void => {
      if (event.source !== frame.current?.contentWindow || event.origin !== location.origin) return;
      const told = event.data as { mailto?: unknown };
      if (typeof told.mailto === "string") session.set({ pane: "email", mailto: told.mailto });
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, []);

  const offered = session.offered;
  return (
    <>
      <div class="phone-head browser">
        <span class="browser-address">shop.example</span>
        <button type="button" id="webchat-new" class="quiet" onClick={another}>
          {word("newVisitor")}
        </button>
      </div>
      {offered && (
        <button
          type="button"
          id="webchat-open-link"
          class="taken"
          onClick={() => {
            setVisit({ number: visit.number + 1, code: offered.code });
            session.set({ offered: null });
          }}
        >
          <Icon name="link" /> {word("openWebLink")}
        </button>
      )}
      <iframe ref={frame} id="webchat-frame" class="browser-page" src={address} title={word("site")} />
    </>
  );
}
