/** Asking again and again, while somebody looks. */

const HIDDEN_FACTOR = 10;
const LONGEST_WAIT = 30_000;

export interface Poll {
  /** Asks at once, and again after it. */
  now(): Promise<void>;
  stop(): void;
}

/**
 * Runs `work` every `milliseconds` after it ended: ten times as seldom while the page is hidden, and ever more seldom, up to
 * half a minute, while it fails. `report` hears of each outcome.
 */
export function poll(work: () => Promise<void>, milliseconds: number, report: (error: unknown) => void): Poll {
  let failures = 0;
  let stopped = false;
  let timer: number | undefined;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    window.clearTimeout(timer);
    try {
      await work();
      failures = 0;
      report(null);
    } catch (error) {
      failures += 1;
      report(error);
    }
    if (stopped) return;
    const wait = Math.min(LONGEST_WAIT, milliseconds * 2 ** Math.min(failures, 6)) * (document.hidden ? HIDDEN_FACTOR : 1);
    timer = window.setTimeout(once, wait);
  }

  function once(): Promise<void> {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  const shown = (): void => {
    if (!document.hidden && !stopped) void once();
  };
  document.addEventListener("visibilitychange", shown);
  void once();
  return {
    now: async () => {
      if (running) await running;
      if (!stopped) await once();
    },
    stop: () => {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    },
  };
}
