import { useMemo } from "preact/hooks";
import { qrCode } from "./qr.js";

const QUIET = 4;

/** A QR code, dark on white in either appearance, because cameras want it so. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { side, path } = useMemo(() => drawn(text), [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function drawn(text: string): { side: number; path: string } {
  const square = qrCode(text);
  const cells = square.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])));
  return { side: square.length + 2 * QUIET, path: cells.join("") };
}
