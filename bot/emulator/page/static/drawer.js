// A panel at the side that a button opens; while it is open its content is kept fresh.

import { h } from "./dom.js";

const EVERY = 1500;

export class Drawer {
  // `refresh` is called while the panel is open, at intervals and when the town changes.
  constructor(box, button, title, refresh) {
    this.box = box;
    this.button = button;
    this.refresh = refresh;
    const close = h("button.tool", { type: "button", onclick: () => this.toggle(false), dataset: { testid: `close-${box.id}` } }, "关闭");
    this.body = h("div.drawer-body");
    box.replaceChildren(h("header", {}, h("h2", { tabindex: -1 }, title), close), this.body);
    button.addEventListener("click", () => this.toggle(box.hidden));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !box.hidden && !event.isComposing) this.toggle(false);
    });
  }

  toggle(open) {
    this.box.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    clearInterval(this.timer);
    if (!open) return this.button.focus();
    Drawer.opened?.(this);
    this.timer = setInterval(() => this.touch(), EVERY);
    this.touch();
    return this.box.querySelector("h2").focus();
  }

  touch() {
    if (!this.box.hidden) this.refresh().catch(() => {});
  }
}
