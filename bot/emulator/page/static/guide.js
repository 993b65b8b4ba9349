// The strip at the top: the steps of a thread, each with its next move and a tick when it is done.
//
// There are two threads; the one that is shown also says whose phones are.

import { wordsOf } from "./bubbles.js";
import { h } from "./dom.js";
import { fill } from "./links.js";
import { MALL } from "./mall-thread.js";
import { castParts } from "./moves.js";
import { THREAD } from "./thread.js";

// `also` are those who only watch, or can be tried out beside the steps.
const CHAPTERS = [
  { name: "start", title: "上手", steps: THREAD, also: ["dingBoss"] },
  { name: "mall", title: "积分商城", steps: MALL, also: ["dingBoss", "second"] },
];
const PAGES = "opened-pages";

// What the threads' conditions look at: the bubbles of the people playing the parts.
class Watch {
  constructor(parts, pages) {
    this.parts = parts;
    this.pages = pages;
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

  // Whether a page was opened from a link that this person was sent.
  opened(part, pattern) {
    const sent = this.lists.get(part).filter(({ mine }) => !mine).map(({ body }) => wordsOf(body));
    return [...this.pages].some((page) => pattern.test(page) && sent.some((words) => words.includes(page)));
  }
}

export class Guide {
  // `town` gives known(), the codes that lines ask for, and people(phones), which shows only those.
  constructor(box, tabs, phones, town) {
    this.box = box;
    this.town = town;
    this.parts = castParts(phones);
    this.pages = new Set(JSON.parse(sessionStorage.getItem(PAGES) ?? "[]"));
    this.chapters = CHAPTERS.map((chapter) => this.#chapter(chapter)).filter(({ steps }) => steps.length);
    tabs.replaceChildren(...this.chapters.map(({ tab }) => tab));
    tabs.hidden = this.chapters.length < 2;
    box.hidden = !this.chapters.length;
    for (const name of ["click", "auxclick"]) document.addEventListener(name, (event) => this.#follow(event));
    this.show(this.chapters.find(({ name }) => location.hash === `#${name}`) ?? this.chapters[0]);
  }

  // Shows one thread and the phones it is played on; those in no thread are always there.
  show(chapter) {
    if (!chapter) return;
    this.chapter = chapter;
    this.at = null;
    this.box.replaceChildren(...chapter.steps.map(({ node }) => node));
    for (const { tab } of this.chapters) tab.setAttribute("aria-pressed", String(tab === chapter.tab));
    const others = this.chapters.flatMap(({ people }) => people).filter((phone) => !chapter.people.includes(phone));
    this.town.hide(new Set(others));
    this.refresh();
  }

  refresh() {
    const watch = new Watch(this.parts, this.pages);
    for (const chapter of this.chapters) {
      const open = chapter.steps.map((step) => step.moves.findIndex((move) => !move.done(watch)));
      const current = open.findIndex((move) => move >= 0);
      chapter.steps.forEach((step, index) => this.#draw(step, open[index], index === current));
      chapter.count.textContent = `${open.filter((move) => move < 0).length}/${open.length}`;
      if (chapter === this.chapter) this.#scroll(chapter.steps[current]?.node);
    }
  }

  #chapter({ name, title, steps, also }) {
    // A step nobody here can play is left out.
    const played = steps.filter((step) => step.moves.every((move) => this.parts.get(move.who)));
    const parts = [...played.flatMap((step) => step.moves.map((move) => move.who)), ...also];
    const people = [...new Set(parts.map((part) => this.parts.get(part)).filter(Boolean))];
    const count = h("span.tally", {}, "");
    const go = () => {
      history.replaceState(null, "", `#${name}`);
      this.show(this.chapters.find((chapter) => chapter.name === name));
    };
    const tab = h("button.chapter", { type: "button", onclick: go, dataset: { testid: `chapter-${name}` } }, title, count);
    return { name, tab, count, people, steps: played.map((step, index) => this.#step(step, name, index + 1)) };
  }

  #step({ title, moves }, chapter, number) {
    const dot = h("span.dot", { "aria-hidden": "true" }, String(number));
    const state = h("span.hidden", {}, "");
    const next = h("p.next");
    const button = h("button.try", { type: "button", dataset: { testid: `${chapter}-try-${number}` } }, "试一下");
    const words = h("div.words", {}, h("h2", {}, title, state), next);
    const node = h("li.step", { dataset: { testid: `${chapter}-step-${number}`, done: "false" } }, dot, words, button);
    const step = { title, moves, number, dot, state, next, button, node, open: 0 };
    button.addEventListener("click", () => this.#move(step.moves[step.open]));
    return step;
  }

  #draw(step, open, isCurrent) {
    const isDone = open < 0;
    // What is done only once is left out when the step is played again.
    step.open = isDone ? step.moves.findIndex((move) => !move.once) : open;
    const move = step.moves[step.open];
    step.node.dataset.done = String(isDone);
    step.node.dataset.move = String(isDone ? step.moves.length : open);
    step.node.classList.toggle("current", isCurrent);
    if (isCurrent) step.node.setAttribute("aria-current", "step");
    else step.node.removeAttribute("aria-current");
    step.dot.textContent = isDone ? "✓" : String(step.number);
    step.state.textContent = isDone ? "（已完成）" : "";
    const who = this.parts.get(move.who).actor.name;
    step.next.textContent = isDone ? "完成" : `${who}：${move.hint ?? this.#line(move)}`;
    step.next.title = step.next.textContent;
    step.button.textContent = isDone ? "再来" : move.say ? "试一下" : "指给我看";
    step.button.setAttribute("aria-label", `${step.title}：${step.button.textContent}`);
  }

  #line(move) {
    const fits = (chip) => (move.say instanceof RegExp ? move.say.test(chip) : chip.startsWith(move.say));
    return this.parts.get(move.who).actor.chips.find(fits) ?? move.line;
  }

  #move(move) {
    const phone = this.parts.get(move.who);
    phone.call();
    if (move.say) {
      const line = fill(this.#line(move), this.town.known());
      return line === null ? phone.note(move.missing) : phone.say(line);
    }
    const isThere = move.press ? phone.pointAt(move.press) : !move.page || phone.pointAtLink(move.page);
    if (!isThere) phone.note("这里还没有要点的，先做前一步");
    return undefined;
  }

  // A page opens in a tab of its own, which the phones know nothing of.
  #follow({ target }) {
    const link = target.closest?.("a.link");
    if (!link) return;
    this.pages.add(link.href);
    sessionStorage.setItem(PAGES, JSON.stringify([...this.pages]));
    this.refresh();
  }

  #scroll(node) {
    if (!node || this.at === node) return;
    this.at = node;
    this.box.scrollTo({ left: node.offsetLeft - this.box.offsetLeft - 12, behavior: "smooth" });
  }
}
