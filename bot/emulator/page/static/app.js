// Puts the page together: one phone per person of the cast, the guide, the drawers, the live line.

import { get } from "./api.js";
import { wordsOf } from "./bubbles.js";
import { h, settled, testid } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Faults } from "./faults.js";
import { Guide } from "./guide.js";
import { invitationIn, sceneOf, voucherIn } from "./links.js";
import { APPS, Phone } from "./phone.js";
import { follow } from "./stream.js";
import { Wire } from "./wire.js";

const LATEST_DELAY = 20;
const CONNECTIONS = { live: "实时", lost: "连接断了，正在重连" };
const byTestid = (name) => document.querySelector(`[data-testid="${name}"]`);

// What the phones share: who there is, the newest invitation, the time of the last deed.
class Town {
  constructor(cast) {
    this.phones = cast.map((actor) => new Phone(actor, this));
    this.byName = new Map(this.phones.map((phone) => [phone.actor.phone, phone]));
    this.customers = this.phones.filter(({ actor }) => actor.app === "wechat");
    this.tabs = new Map(this.phones.map((phone) => [phone, this.#tab(phone)]));
    this.drawers = [];
    this.cause = 0;
    this.refresh = settled(() => this.#refresh(), 120);
  }

  reset(name, bubbles) {
    this.byName.get(name)?.reset(bubbles);
    this.refresh();
  }

  show(bubble) {
    if (bubble.mine) this.cause = bubble.at;
    this.byName.get(bubble.phone)?.show(bubble, { live: true });
    this.refresh();
  }

  connection(state) {
    const line = byTestid("connection");
    line.dataset.state = state;
    line.textContent = CONNECTIONS[state];
    if (state === "live") document.body.dataset.ready = "true";
  }

  deed() {
    this.cause = Date.now() / 1000;
  }

  changed() {
    this.refresh();
  }

  // How long after the last deed a bubble came; null when it has nothing to do with it.
  delay(bubble) {
    const seconds = bubble.at - this.cause;
    return seconds >= 0 && seconds < LATEST_DELAY ? `${seconds.toFixed(2)} 秒后` : null;
  }

  badge(phone) {
    const badge = this.tabs.get(phone).querySelector(".count");
    badge.hidden = !phone.unread;
    badge.textContent = phone.badge.textContent;
  }

  // Follows a 微信客服 address: a customer does it, for everybody else the first customer.
  enter(url, phone) {
    const customer = phone.actor.app === "wechat" ? phone : this.customers[0];
    if (!customer) return phone.note("这里没有客户的手机可以打开这个链接");
    customer.call();
    return customer.enter(url);
  }

  // Buttons that pass an invitation on to a customer's phone; null when there is none to pass on.
  forwarding(bubble, phone) {
    if (phone.actor.app === "wechat" || bubble.kind === "event") return null;
    const found = invitationIn(wordsOf(bubble.body));
    if (!found?.url || !this.customers.length) return null;
    const buttons = this.customers.filter(({ node }) => !node.hidden).map((customer) => {
      const pass = () => {
        customer.call();
        return customer.enter(found.url);
      };
      const dataset = { testid: `forward-${customer.id}` };
      return h("button.forward", { type: "button", onclick: pass, dataset }, `转发给 ${customer.actor.name} 并打开`);
    });
    return h("div.forwards", {}, buttons);
  }

  // What lines leave blank: the code of an invitation nobody has used, and the newest voucher's.
  known() {
    const voucher = this.#newest((phone) => phone.actor.app === "wechat", voucherIn);
    return { code: this.#invitation()?.code, voucher };
  }

  // Leaves these phones out.
  hide(hidden) {
    for (const [phone, tab] of this.tabs) {
      phone.node.hidden = hidden.has(phone);
      tab.hidden = phone.node.hidden;
    }
    this.adapt?.();
  }

  // The newest invitation, unless a customer has opened or typed it.
  #invitation() {
    const found = this.#newest(({ actor }) => actor.app !== "wechat", invitationIn);
    const isUsed = found && this.customers.some(({ bubbles }) =>
      bubbles.some((bubble) => bubble.mine && wordsOf(bubble.body).includes(found.code)));
    return isUsed ? null : found;
  }

  // What `read` finds in the newest message to these phones in which it finds something.
  #newest(of, read) {
    const found = this.phones
      .filter(of)
      .flatMap(({ bubbles }) => bubbles.filter((bubble) => !bubble.mine))
      .sort((one, other) => other.id - one.id)
      .map((bubble) => read(wordsOf(bubble.body)));
    return found.find(Boolean) ?? null;
  }

  #tab(phone) {
    const badge = h("b.count", { hidden: true });
    const { actor } = phone;
    const dataset = { testid: `tab-${testid(actor.phone)}` };
    const show = () => {
      phone.call();
      phone.read();
    };
    // Somebody with two phones is told apart by the app.
    const isTwice = this.phones.some((other) => other !== phone && other.actor.name === actor.name);
    const app = isTwice ? h("span.which", {}, APPS[actor.app].name) : null;
    return h(`button.tab.${actor.app}`, { type: "button", onclick: show, dataset }, h("span", {}, actor.name), app, badge);
  }

  #refresh() {
    this.guide?.refresh();
    const invitation = this.#invitation();
    const known = this.known();
    for (const phone of this.phones) phone.setChips({ known, extra: this.#invited(phone, invitation) });
    this.drawers.forEach((drawer) => drawer.touch());
    if (this.customers.length) this.allowances().catch(() => {});
  }

  async allowances() {
    const all = await get("allowances");
    for (const customer of this.customers) {
      if (all[customer.actor.phone]) customer.setAllowance(all[customer.actor.phone]);
    }
  }

  // What a customer can do with a fresh invitation, if there is one.
  #invited(phone, invitation) {
    if (phone.actor.app !== "wechat" || !invitation) return [];
    const { code, url } = invitation;
    const typed = { name: "bind", text: `绑定 ${code}` };
    const opened = { name: "link", text: url, label: "打开邀请链接", run: () => phone.enter(url) };
    return url && sceneOf(url) ? [opened, typed] : [typed];
  }
}

function fail(stage, error) {
  const again = h("button.tool.strong", { type: "button", onclick: () => location.reload() }, "再试一次");
  stage.replaceChildren(h("div.trouble", { role: "alert" }, h("p", {}, `没能打开：${error.message}`), again));
}

function drawersOf(town, platforms) {
  const count = byTestid("armed-count");
  const counted = (number) => {
    count.hidden = !number;
    count.textContent = String(number);
  };
  const wire = new Drawer(byTestid("drawer-wire"), byTestid("open-wire"), "线上字节", () => wireView.refresh());
  const faults = new Drawer(byTestid("drawer-faults"), byTestid("open-faults"), "故障", () => faultsView.refresh());
  const wireView = new Wire(wire.body);
  const faultsView = new Faults(faults.body, platforms, counted);
  faultsView.refresh();
  town.drawers = [wire, faults, { touch: settled(() => faultsView.refresh(), 400) }];
  Drawer.opened = (opened) => [wire, faults].forEach((each) => {
    if (each !== opened && !each.box.hidden) each.toggle(false);
  });
}

// Tabs are of use only where not all phones fit beside each other.
function watchWidth(town, stage, people) {
  town.adapt = () => {
    people.hidden = stage.scrollWidth <= stage.clientWidth + 1;
  };
  new ResizeObserver(town.adapt).observe(stage);
  town.adapt();
}

// On a small screen the phone in view is the one being read.
function watchView(town, stage) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRatio } of entries) {
        const phone = town.byName.get(target.dataset.phone);
        const tab = town.tabs.get(phone);
        tab.classList.toggle("in-view", intersectionRatio > 0.6);
        phone.isWatched = intersectionRatio > 0.6 && stage.clientWidth < 700;
        if (!phone.isWatched) continue;
        phone.read();
        tab.parentElement.scrollTo({ left: tab.offsetLeft - 60, behavior: "smooth" });
      }
    },
    { root: stage, threshold: [0, 0.6, 0.7] },
  );
  town.phones.forEach(({ node }) => seen.observe(node));
}

async function start() {
  const stage = byTestid("stage");
  const people = document.querySelector(".people");
  try {
    const [cast, health] = await Promise.all([get("cast"), get("health")]);
    const town = new Town(cast);
    stage.replaceChildren(...town.phones.map(({ node }) => node));
    if (!cast.length) stage.append(h("p.trouble", {}, "模拟器里还没有人：在 EmulatorConfig 里加上成员和客户。"));
    people.replaceChildren(...town.tabs.values());
    town.guide = new Guide(byTestid("guide"), byTestid("chapters"), town.phones, town);
    drawersOf(town, ["wecom", "dingtalk"].filter((platform) => health[platform]));
    watchWidth(town, stage, people);
    watchView(town, stage);
    setInterval(() => town.customers.length && town.allowances().catch(() => {}), 30_000);
    follow(town, cast.map(({ phone }) => phone));
  } catch (error) {
    fail(stage, error);
  }
}

byTestid("open-guide").addEventListener("click", ({ currentTarget }) => {
  const guide = byTestid("guide");
  guide.classList.toggle("folded");
  currentTarget.setAttribute("aria-expanded", String(!guide.classList.contains("folded")));
});
start();
