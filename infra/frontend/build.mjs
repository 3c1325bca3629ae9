// usage: node build.mjs DESTINATION
// Builds both pages below DESTINATION: the same sources and lock make the same bytes.

import { cpSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const DESTINATION = resolve(process.argv[2] ?? ROOT);
const WIDGET = "connectors/channels/webchat/widget";
const DESK = "infra/desk";

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target: ["chrome105", "firefox121", "safari15.4"],
  tsconfig: join(ROOT, "tsconfig.json"),
};

/** A style sheet that is imported is its text, minified: the widget puts it into its shadow root. */
const STYLE_AS_TEXT = {
  name: "style-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { ...STYLE, loader: "css" });
      // esbuild leaves a space in custom properties.
      return { contents: code.trim().replaceAll(": ", ":"), loader: "text" };
    });
  },
};
const STYLE = { minify: true, charset: "utf8", target: COMMON.target };

/** Nothing of it is newer than the browsers above: telling esbuild so spares the widget what it would add for them. */
const WIDGET_TARGET = "es2022";

async function buildWidget() {
  const folder = join(DESTINATION, WIDGET, "dist");
  rmSync(folder, { recursive: true, force: true });
  await build({
    ...COMMON,
    entryPoints: [join(WIDGET, "source/widget.ts")],
    outfile: join(folder, "widget.js"),
    format: "iife",
    target: WIDGET_TARGET,
    plugins: [STYLE_AS_TEXT],
  });
}

/** One script and one style sheet, beside what is in static/ as it is. */
async function buildDesk() {
  const folder = join(DESTINATION, DESK, "dist");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(ROOT, DESK, "static"), folder, { recursive: true });
  await build({
    ...COMMON,
    entryPoints: { desk: join(DESK, "source/desk.tsx"), style: join(DESK, "source/style.css") },
    outdir: folder,
    format: "esm",
  });
}

await buildWidget();
await buildDesk();
