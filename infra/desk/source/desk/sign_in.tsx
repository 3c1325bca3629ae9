/** Where the page is served as plain files: which API, and with which key. */
import { useState } from "preact/hooks";
import { CallError, explain } from "../api/call.js";
import { type Connection, signIn } from "../api/connection.js";
import { word } from "../language/language.js";

export function SignIn({ done }: { done: (connection: Connection) => void }) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const values = new FormData(form);
    setBusy(true);
    try {
      done(await signIn(String(values.get("address")), String(values.get("key")).trim()));
    } catch (error) {
      setProblem(error instanceof CallError ? explain(error) : word("signInUnreachable"));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form
        id="sign-in"
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <img src="icon.svg" alt="" width="40" height="40" />
        <h1>{word("signInTitle")}</h1>
        <p class="quiet">{word("signInIntro")}</p>
        <label class="field">
          {word("signInAddress")}
          <input name="address" type="url" required placeholder="https://…" autocomplete="url" />
        </label>
        <label class="field">
          {word("signInKey")}
          <input name="key" type="password" required autocomplete="off" spellcheck={false} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="main" disabled={busy}>
          {word("signIn")}
        </button>
      </form>
    </main>
  );
}
