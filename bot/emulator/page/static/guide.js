// The strip at the top: the steps of the thread, each with its next move and a tick when it is done.

import { wordsOf } from "./bubbles.js";
import { h } from "./dom.js";
import { THREAD, castParts } from "./thread.js";

// What the thread's conditions look at: the bubbles of the people playing the parts.
class Watch {
  constructor(parts) {
    this.parts = parts;
    this.lists = new Map([...parts].map(([part, phone]) => [part, phone?.bubbles ?? []]));
  }

  has(part) {
    return Boolean(this.parts.get(part));
  }

  first(part, { mine = false, words = null, kinds = null, after = null, from = null }) {
    return this.lists.get(part).find((bubble) =>
      bubble.mine === mine &&
      (!after || bubble.id > after.id) &&
      (!from || bubble.id >= from.id) &&
      (!kinds || kinds.includes(bubble.kind)) &&
      (!words || words.test(wordsOf(bubble.body))));
  }
}

export class Guide {
  // `town` gives enter(url, phone) and invitation().
  constructor(box, phones, town) {
    this.parts = castParts(phones);
    this.town = town;
    // A step nobody here can play is left out.
    this.steps = THREAD.filter((step) => step.moves.every((move) => this.parts.get(move.who)));
    this.nodes = this.steps.map((step, index) => this.#node(step, index + 1));
    box.replaceChildren(...this.nodes.map(({ node }) => node));
    box.hidden = !this.steps.length;
    this.box = box;
  }

  refresh() {
    const watch = new Watch(this.parts);
    const open = this.steps.map((step) => step.moves.findIndex((move) => !move.done(watch)));
    const current = open.findIndex((move) => move >= 0);
    this.steps.forEach((step, index) => this.#draw(step, index, open[index], index === current));
    this.#follow(current);
  }

  #node(step, number) {
    const dot = h("span.dot", { "aria-hidden": "true" }, String(number));
    const state = h("span.hidden", {}, "");
    const next = h("p.next");
    const go = () => this.#move(step, this.nodes[number - 1].open);
    const button = h("button.try", { type: "button", onclick: go, dataset: { testid: `guide-try-${number}` } }, "试一下");
    const words = h("div.words", {}, h("h2", {}, step.title, state), next);
    const node = h("li.step", { dataset: { testid: `guide-step-${number}`, done: "false" } }, dot, words, button);
    return { node, dot, next, button, state, number, open: 0 };
  }

  #draw(step, index, open, isCurrent) {
    const parts = this.nodes[index];
    const isDone = open < 0;
    parts.open = isDone ? 0 : open;
    const move = step.moves[parts.open];
    parts.node.dataset.done = String(isDone);
    parts.node.dataset.move = String(isDone ? step.moves.length : open);
    parts.node.classList.toggle("current", isCurrent);
    if (isCurrent) parts.node.setAttribute("aria-current", "step");
    else parts.node.removeAttribute("aria-current");
    parts.dot.textContent = isDone ? "✓" : String(parts.number);
    parts.state.textContent = isDone ? "（已完成）" : "";
    const who = this.parts.get(move.who).actor.name;
    parts.next.textContent = isDone ? "完成" : `${who}：${move.hint ?? this.#line(move)}`;
    parts.next.title = parts.next.textContent;
    parts.button.textContent = isDone ? "再来" : move.say || move.bind ? "试一下" : "指给我看";
    parts.button.setAttribute("aria-label", `${step.title}：${parts.button.textContent}`);
  }

  #line(move) {
    const fits = (chip) => (move.say instanceof RegExp ? move.say.test(chip) : chip.startsWith(move.say));
    return this.parts.get(move.who).actor.chips.find(fits) ?? move.line;
  }

  #move(step, open) {
    const move = step.moves[open];
    const phone = this.parts.get(move.who);
    phone.call();
    if (move.say) return phone.say(this.#line(move));
    if (move.bind) return this.#bind(phone);
    if (move.press && !phone.pointAt(move.press)) phone.note("这里还没有要点的按钮，先做前一步");
    return undefined;
  }

  #bind(phone) {
    const invitation = this.town.invitation();
    if (!invitation) return phone.note("还没有邀请码，先做第 1 步");
    // Typed rather than followed: only a customer who has written can be told something.
    return phone.say(`绑定 ${invitation.code}`);
  }

  #follow(current) {
    const node = this.nodes[current]?.node;
    if (!node || this.at === current) return;
    this.at = current;
    this.box.scrollTo({ left: node.offsetLeft - this.box.offsetLeft - 12, behavior: "smooth" });
  }
}
