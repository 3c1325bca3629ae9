// The made-up shop: it speaks the desk's language and has the desk's appearance, and it has the widget like any page.

const query = new URLSearchParams(location.search);
const language = query.get("lang") === "zh-CN" ? "zh-CN" : "en";
const theme = query.get("theme");

document.documentElement.lang = language;
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
if (language === "zh-CN") {
  for (const marked of document.querySelectorAll("[data-zh]")) marked.textContent = marked.dataset.zh;
}

const widget = document.createElement("script");
widget.async = true;
widget.dataset.account = "main";
widget.dataset.lang = language;
widget.dataset.name = "Lantern & Co.";
if (theme) widget.dataset.theme = theme;
const policy = window.trustedTypes?.createPolicy("shop", { createScriptURL: () => "/widget.js" });
widget.src = policy ? policy.createScriptURL("") : "/widget.js";
document.body.append(widget);

// A visitor's browser opens a mail link in their mail program; here that is the phone beside this page.
document.addEventListener("click", (event) => {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.protocol === "mailto:");
  if (!link || window.parent === window) return;
  event.preventDefault();
  window.parent.postMessage({ mailto: link.href }, location.origin);
});
