/** Starts the desk. */
import { render } from "preact";
import { findConnection } from "./api/connection.js";
import { App } from "./desk/app.js";
import { preferences } from "./language/language.js";

preferences.apply();
const root = document.getElementById("desk");
if (root) {
  const found = await findConnection();
  render(<App found={found} />, root);
}
