/** The control interface of a provider's stand-in: playing customers. On the local stack alone. */
import { useEffect, useState } from "preact/hooks";
import { call, explain } from "../api/call.js";
import { type Poll, poll } from "../live/polling.js";

const EVERY = 1000;

export const ask = <Answer>(provider: string, path: string): Promise<Answer> => call("GET", `/_control/${provider}/${path}`);

export const tell = <Answer>(provider: string, path: string, body: unknown = {}): Promise<Answer> =>
  call("POST", `/_control/${provider}/${path}`, { body });

export interface Looked<State> {
  state: State | null;
  problem: string;
  /** Does something, says what went wrong, and looks again. Answers whether it was done. */
  act(work: () => Promise<unknown>): Promise<boolean>;
  look(): Promise<void>;
}

/** What the customer's screen shows, looked at every second while it is on show; `key` says of whom. */
export function useLook<State>(look: () => Promise<State>, key: string): Looked<State> {
  const [state, setState] = useState<State | null>(null);
  const [problem, setProblem] = useState("");
  const [polling, setPolling] = useState<Poll | null>(null);
  useEffect(() => {
    let current = true;
    setState(null);
    const made = poll(
      async () => {
        const seen = await look();
        if (current) setState((before) => (JSON.stringify(before) === JSON.stringify(seen) ? before : seen));
      },
      EVERY,
      (error) => error && setProblem(explain(error)),
    );
    setPolling(made);
    return () => {
      current = false;
      made.stop();
    };
  }, [key]);
  return {
    state,
    problem,
    look: async () => polling?.now(),
    act: async (work) => {
      try {
        await work();
        setProblem("");
        await polling?.now();
        return true;
      } catch (error) {
        setProblem(explain(error));
        return false;
      }
    },
  };
}

/** A file as the control interfaces take it. */
export async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
