// Takes onethread's webhooks: proves who sent them, and handles each event once. Needs nothing but Node 18 or later.
//
//     WEBHOOK_SECRET=whsec_... node consumer.mjs 9000
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const tolerance = 300; // seconds; older calls may be somebody's recording
const largest = 1_048_576;
const handled = new Set(); // in production: a table, written in one transaction with what handle() does

/** Whether onethread sent this, a short while ago (Standard Webhooks). */
function genuine(headers, body) {
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return false;
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${timestamp}.`), body]);
  const expected = Buffer.from(`v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
  // While a secret is being changed there are two signatures.
  const given = (headers["webhook-signature"] ?? "").split(" ").map((each) => Buffer.from(each));
  return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
}

/** Yours to write. When it throws, the event comes again. */
async function handle(event) {
  console.log(event.type, event.subject, event.sequence ?? "-", event.data?.message?.text ?? "");
}

async function take(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largest) return 413;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.method !== "POST" || !genuine(request.headers, body)) return 401;
  const event = JSON.parse(body.toString("utf8"));
  if (!handled.has(event.id)) {
    await handle(event);
    handled.add(event.id);
  }
  return 204;
}

createServer(async (request, response) => {
  let status = 500; // onethread tries again, and keeps what follows in this conversation until then
  try {
    status = await take(request);
  } catch (error) {
    console.error("not handled:", error);
  }
  response.writeHead(status).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
