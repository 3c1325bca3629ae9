/** The page: the bar at the top, the list, the open conversation, and on the local stack the customers. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { explain } from "../api/call.js";
import { type Connection, signOut } from "../api/connection.js";
import { Customers } from "../customers/customers.js";
import { preferences, type Word, word } from "../language/language.js";
import { useStore } from "../live/store.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icons.js";
import { KEYS, listenToKeys } from "./keyboard.js";
import { LinkDialog } from "./link_dialog.js";
import { ConversationList } from "./list.js";
import { Session, SessionContext, useSession } from "./session.js";
import { SignIn } from "./sign_in.js";
import { ThreadPanel } from "./thread.js";

export function App({ found }: { found: Connection | null }) {
  const [connection, setConnection] = useState(found);
  useStore(preferences);
  return connection ? <Desk connection={connection} /> : <SignIn done={setConnection} />;
}

function Desk({ connection }: { connection: Connection }) {
  const session = useMemo(() => new Session(connection), [connection]);
  useStore(session);
  useEffect(() => listenToKeys(session), [session]);
  const conversation = session.thread?.conversation;
  return (
    <SessionContext.Provider value={session}>
      <a class="skip" href="#thread">
        {word("skip")}
      </a>
      <Top />
      <main class={`columns show-${session.view} ${session.local ? "with-customers" : ""} ${session.profile ? "with-profile" : ""}`}>
        <ConversationList />
        <ThreadPanel />
        {session.local && <Customers settings={session.local} />}
      </main>
      {session.local && <Bar />}
      {session.dialog === "help" && <Help />}
      {session.dialog === "link" && conversation && <LinkDialog conversation={conversation} />}
    </SessionContext.Provider>
  );
}

function Top() {
  const session = useSession();
  const inbox = useStore(session.inbox);
  const unread = inbox.sorted().filter((each) => each.id !== session.thread?.id && inbox.unread(each) > 0).length;
  useEffect(() => {
    document.title = unread ? `(${unread}) onethread` : "onethread";
  }, [unread]);
  const theme = preferences.theme;
  return (
    <header class="top">
      <img src="icon.svg" alt="" width="26" height="26" />
      <h1>onethread</h1>
      <p id="connection" class="connection" role="status">
        {inbox.problem ? `${word("lostConnection")} (${explain(inbox.problem)})` : ""}
      </p>
      <button
        type="button"
        id="help"
        class="icon-button"
        aria-label={word("help")}
        title={`${word("help")} (?)`}
        onClick={() => session.set({ dialog: "help" })}
      >
        <Icon name="keyboard" />
      </button>
      <button
        type="button"
        id="theme"
        class="icon-button"
        aria-label={word(`theme_${theme}` as Word)}
        title={word(`theme_${theme}` as Word)}
        onClick={() => preferences.nextTheme()}
      >
        <Icon name={theme === "dark" ? "moon" : theme === "light" ? "sun" : "system"} />
      </button>
      <button
        type="button"
        id="language"
        class="quiet"
        lang={preferences.language === "en" ? "zh-CN" : "en"}
        onClick={() => preferences.nextLanguage()}
      >
        {word("language")}
      </button>
      {!session.local && (
        <button type="button" class="icon-button" aria-label={word("signOut")} title={word("signOut")} onClick={signOut}>
          <Icon name="out" />
        </button>
      )}
    </header>
  );
}

/** On a narrow screen: the desk or the phones. */
function Bar() {
  const session = useSession();
  const customers = session.view === "customers";
  return (
    <nav class="bar" aria-label={word("customersTitle")}>
      <button type="button" aria-pressed={!customers} onClick={() => session.set({ view: "list" })}>
        <Icon name="list" /> {word("desk")}
      </button>
      <button type="button" aria-pressed={customers} onClick={() => session.set({ view: "customers" })}>
        <Icon name="phone" /> {word("customers")}
      </button>
    </nav>
  );
}

function Help() {
  const session = useSession();
  return (
    <Dialog id="help-dialog" title={word("help")} close={() => session.set({ dialog: null })}>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{word(meaning)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
