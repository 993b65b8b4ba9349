// One person's window: header, messages, suggestions, a line to write.

import { act } from "./api.js";
import { draw, shapeOf } from "./bubbles.js";
import { clock, h, testid } from "./dom.js";
import { fill, sceneOf } from "./links.js";

export const APPS = {
  wechat: { name: "微信", chat: "微信客服" },
  wecom: { name: "企业微信", chat: "筑分" },
  dingtalk: { name: "钉钉", chat: "筑分机器人" },
  "wecom-group": { name: "企业微信群", chat: "群机器人" },
};
const STAMP_GAP = 180;
const NEAR_END = 90;

export class Phone {
  // `town` tells who else there is: town.enter(url, from), town.changed(), town.deed().
  constructor(actor, town) {
    this.actor = actor;
    this.id = testid(actor.phone);
    this.town = town;
    this.shown = new Map();
    this.choices = new Map();
    this.unread = 0;
    this.stuck = true;
    this.isWatched = false;
    this.open = (url) => town.enter(url, this);
    this.node = this.#build();
  }

  get bubbles() {
    return [...this.shown.values()].map(({ bubble }) => bubble);
  }

  get canWrite() {
    return this.actor.app !== "wecom-group";
  }

  // What the owner chose on this card the last time they pressed a button of it.
  given(bubble) {
    return this.choices.get(bubble.id);
  }

  // Shows exactly these bubbles; what was there before goes.
  reset(bubbles) {
    this.shown.clear();
    this.choices.clear();
    this.last = 0;
    this.messages.replaceChildren(this.empty);
    for (const bubble of bubbles) this.show(bubble, { live: false });
    this.#toEnd();
  }

  // Shows a new bubble, or an old one's new state.
  show(bubble, { live }) {
    const before = this.shown.get(bubble.id);
    if (before && before.bubble.version >= bubble.version) return;
    const stuck = this.#isAtEnd();
    const node = this.#draw(bubble, before, live);
    this.shown.set(bubble.id, { bubble, node });
    this.empty.remove();
    if (before) this.#replace(before.node, node, live);
    else this.messages.append(...this.#stamp(bubble), node);
    if (!live) return;
    if (stuck || bubble.mine) this.#toEnd();
    else if (!before) this.below.hidden = false;
    if (!bubble.mine) this.#count();
  }

  // A line of the page itself, not of the chat: something did not go through.
  note(text) {
    const node = h("p.line.note", { role: "alert", dataset: { testid: `note-${this.id}` } }, text);
    this.messages.append(node);
    this.#toEnd();
  }

  async say(text) {
    return this.#do({ do: "say", text });
  }

  async press(button, key, selected) {
    const bubble = Number(button.closest("[data-bubble-id]").dataset.bubbleId);
    this.choices.set(bubble, selected);
    await this.#busy(button, { do: "press", bubble, key, selected });
  }

  async follow(button, url) {
    await this.#busy(button, { do: "open", url });
  }

  async enter(url) {
    return this.#do({ do: "enter", scene_param: sceneOf(url) });
  }

  // Brings the window into view and marks it for a moment.
  call() {
    this.node.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
    this.#flash(this.node, "called");
  }

  // Points at the newest button with one of these captions; says whether there is one.
  pointAt(captions) {
    const buttons = [...this.messages.querySelectorAll("button.key:not(:disabled)")].reverse();
    return this.#point(buttons.find((one) => captions.some((caption) => one.textContent.includes(caption))));
  }

  // The same for the newest link to such an address.
  pointAtLink(pattern) {
    const links = [...this.messages.querySelectorAll("a.link")].reverse();
    return this.#point(links.find(({ href }) => pattern.test(href)));
  }

  fill(text) {
    this.input.value = text;
    this.input.dispatchEvent(new Event("input"));
    this.input.focus();
  }

  // Suggestions: the cast's, with what is `known` in the places of {code} and {voucher}, and before
  // them `extra` ones [{name, text, label, run}]. A text that ends in a blank is only filled in.
  setChips({ known = {}, extra = [] } = {}) {
    const own = this.actor.chips
      .map((text, index) => ({ text: fill(text, known), name: String(index) }))
      .filter(({ text }) => text !== null);
    const isNew = (chip) => own.every(({ text }) => text !== chip.text);
    const chips = [...extra.filter(isNew), ...own];
    // The same ones are left alone: somebody may be on one of them with the keyboard.
    const same = chips.map(({ name, text }) => `${name} ${text}`).join("\n");
    if (same === this.chipsShown) return;
    this.chipsShown = same;
    const nodes = chips.map((chip) => {
      const run = chip.run ?? (() => (chip.text.endsWith(" ") ? this.fill(chip.text) : this.say(chip.text)));
      const dataset = { testid: `chip-${this.id}-${chip.name}` };
      return h("button.chip", { type: "button", title: chip.text, onclick: run, dataset }, chip.label ?? chip.text);
    });
    this.chips.replaceChildren(...nodes);
    this.chips.hidden = !nodes.length;
  }

  // The state of the customer's window: {until, used, most, state}.
  setAllowance(allowance) {
    const { words, tone } = allowanceWords(allowance);
    this.state.hidden = false;
    this.state.textContent = words;
    this.state.dataset.tone = tone;
  }

  read() {
    if (!this.unread) return;
    this.unread = 0;
    this.#badge();
  }

  async #do(deed) {
    this.town.deed();
    const problem = await act(this.actor, deed);
    if (problem) this.note(problem);
    this.town.changed();
    return problem;
  }

  async #busy(button, deed) {
    const bubble = button.closest("[data-bubble-id]");
    const controls = [...bubble.querySelectorAll("button:not(:disabled), select:not(:disabled), input:not(:disabled)")];
    controls.forEach((control) => { control.disabled = true; });
    button.classList.add("busy");
    bubble.setAttribute("aria-busy", "true");
    await this.#do(deed);
    controls.forEach((control) => { control.disabled = false; });
    button.classList.remove("busy");
    bubble.removeAttribute("aria-busy");
    // A pressed button loses the focus by being disabled, and its card is often drawn anew.
    if (document.activeElement === document.body) this.messages.focus({ preventScroll: true });
  }

  #point(node) {
    this.call();
    if (!node) return false;
    node.scrollIntoView({ block: "nearest" });
    node.focus({ preventScroll: true });
    this.#flash(node, "wanted");
    return true;
  }

  #build() {
    const { actor, id } = this;
    const app = APPS[actor.app];
    const heading = `who-${id}`;
    this.badge = h("b.count.unread", { hidden: true, dataset: { testid: `unread-${id}` } });
    this.state = h("p.state", { hidden: true, dataset: { testid: `state-${id}` } });
    this.empty = h("p.empty", { dataset: { testid: `empty-${id}` } }, this.#emptyWords());
    const log = { role: "log", tabindex: 0, "aria-label": `${actor.name}的聊天记录`, dataset: { testid: `messages-${id}` } };
    this.messages = h("div.messages", log, this.empty);
    this.below = h("button.below", { type: "button", hidden: true, onclick: () => this.#toEnd() }, "有新消息 ↓");
    this.chips = h("div.chips", { role: "group", "aria-label": "可以试试这些话" });
    this.messages.addEventListener("scroll", () => {
      this.stuck = this.#isAtEnd();
      if (this.stuck) this.below.hidden = true;
    }, { passive: true });
    // What is read stays in view when a keyboard or a drawer takes some of the room.
    new ResizeObserver(() => { if (this.stuck) this.#toEnd(); }).observe(this.messages);
    const node = h(
      `section.phone.${actor.app}`,
      { "aria-labelledby": heading, dataset: { testid: `phone-${id}`, phone: actor.phone } },
      h(
        "header.person",
        {},
        h("span.avatar", { "aria-hidden": "true" }, [...actor.name][0] ?? "?"),
        h("div.who", { id: heading }, h("h2", {}, actor.name), h("p.role", {}, actor.role)),
        this.badge,
        h("span.app", {}, app.name),
      ),
      h("div.bar", {}, h("p.chat", {}, app.chat), this.state),
      h("div.screen", {}, this.messages, this.below),
      this.canWrite ? this.chips : null,
      this.canWrite ? this.#composer() : null,
    );
    for (const name of ["pointerdown", "pointerenter", "focusin"]) node.addEventListener(name, () => this.read());
    this.setChips();
    return node;
  }

  #emptyWords() {
    const hint = this.actor.hint || (this.canWrite ? "写一句话，或点下面的常用语" : "机器人发到群里的消息会出现在这里");
    return [h("span.empty-mark", { "aria-hidden": "true" }, "…"), h("span", {}, "还没有消息"), h("span.hint", {}, hint)];
  }

  #composer() {
    const label = `以${this.actor.name}的身份写`;
    this.input = h("textarea", { rows: 1, placeholder: "写一句话，回车发送", "aria-label": label, maxlength: 2000, dataset: { testid: `input-${this.id}` } });
    const send = h("button.send", { type: "submit", disabled: true, dataset: { testid: `send-${this.id}` } }, "发送");
    const fit = () => {
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight, 96)}px`;
      send.disabled = !this.input.value.trim();
    };
    const submit = async (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = "";
      fit();
      const problem = await this.say(text);
      if (problem?.startsWith("没有成功") && !this.input.value) this.fill(text);
    };
    const form = h("form.composer", { onsubmit: submit }, this.input, send);
    this.input.addEventListener("input", fit);
    this.input.addEventListener("keydown", (event) => {
      // While an input method is composing, Enter chooses a word; Safari says so by code 229 only.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      form.requestSubmit();
    });
    return form;
  }

  #draw(bubble, before, live) {
    const shape = shapeOf(bubble);
    const content = draw(bubble, this);
    const dataset = {
      testid: "bubble", bubbleId: bubble.id, version: bubble.version,
      kind: bubble.kind, mine: bubble.mine,
    };
    const title = clock(bubble.at, 3);
    if (shape === "line") return h("p.line", { dataset, title }, content);
    const side = bubble.mine ? "mine" : "theirs";
    const from = bubble.meta?.servicer ? `人工客服 ${bubble.meta.servicer}` : bubble.meta?.group ? "群聊" : null;
    const forward = bubble.mine ? null : this.town.forwarding(bubble, this);
    const late = before?.node.querySelector(".delay")?.textContent ?? (live ? this.town.delay(bubble) : null);
    return h(
      `article.message.${side}.${shape}`,
      { dataset, title },
      from ? h("p.from-whom", {}, from) : null,
      h("div.content", {}, content),
      forward,
      late && !bubble.mine ? h("p.delay", {}, late) : null,
    );
  }

  // Before the first message and after a pause stands the time.
  #stamp(bubble) {
    const gap = bubble.at - (this.last ?? 0);
    if (this.messages.childElementCount && gap < STAMP_GAP) return [];
    this.last = bubble.at;
    return [h("p.line.stamp", {}, clock(bubble.at))];
  }

  #replace(old, node, live) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(node);
    if (focused) this.messages.focus({ preventScroll: true });
    if (live) this.#flash(node, "changed");
  }

  #flash(node, name) {
    node.classList.remove(name);
    requestAnimationFrame(() => {
      node.classList.add(name);
      setTimeout(() => node.classList.remove(name), 1800);
    });
  }

  #isAtEnd() {
    const box = this.messages;
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  }

  #toEnd() {
    this.messages.scrollTop = this.messages.scrollHeight;
    this.stuck = true;
    this.below.hidden = true;
  }

  #count() {
    const isOn = this.isWatched || this.node.contains(document.activeElement);
    if (isOn && document.hasFocus()) return;
    this.unread += 1;
    this.#badge();
  }

  #badge() {
    this.badge.hidden = !this.unread;
    this.badge.textContent = this.unread > 99 ? "99+" : String(this.unread);
    this.badge.setAttribute("aria-label", `${this.unread} 条未读`);
    this.town.badge(this);
  }
}

function allowanceWords({ until, used, most, state }) {
  if (state === 3) return { words: "人工接待中 · 机器人不说话", tone: "warn" };
  if (state === 2) return { words: "在等待池 · 机器人不说话", tone: "warn" };
  if (until === null) return { words: "窗口未开 · 客户来信后 48 小时可推送", tone: "closed" };
  const minutes = Math.max(0, Math.floor((until - Date.now() / 1000) / 60));
  const left = `${Math.floor(minutes / 60)} 小时 ${String(minutes % 60).padStart(2, "0")} 分`;
  const tone = used >= most ? "closed" : used >= most - 1 ? "warn" : "open";
  return { words: `窗口剩 ${left} · 已用 ${used}/${most} 条`, tone };
}
