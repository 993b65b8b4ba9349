// DingTalk: interactive cards of our template (docs/dingtalk-card.md) and ActionCards.

import { keyButton, picker } from "./controls.js";
import { h } from "./dom.js";
import { anchor, isWeb, pageOf, typedBy } from "./links.js";
import { markdown } from "./markdown.js";

const COLOURS = new Set(["blue", "gray", "grey", "red", "green", "orange", "yellow"]);
const STYLES = { blue: "primary", red: "danger", primary: "primary", danger: "danger" };

// An interactive card as this person sees it: private data over public data.
export function dingtalkCard(body, phone) {
  const data = { ...body.data, ...body.private };
  const fields = data.hasForm === "true" ? (read(data.form)?.fields ?? []) : [];
  const asked = fields.map((field) => picker(fieldOf(field)));
  const buttons = (read(data.buttons) ?? []).map((button) => cardButton(button, phone));
  if (asked.length) buttons.unshift(formButton(data, asked, phone));
  return h(
    "div.card.ding-card",
    { dataset: { template: body.template } },
    data.status && data.hasStatus !== "false" ? h(`p.status.${colour(data.statusColor)}`, {}, data.status) : null,
    data.title ? h("p.main-title", {}, data.title) : null,
    data.markdown ? markdown(data.markdown, phone.open) : null,
    asked.map((question) => question.node),
    buttons.length ? h("div.keys", { dataset: { count: buttons.length } }, buttons) : null,
  );
}

function cardButton(button, phone) {
  const caption = String(button.text ?? "");
  if (!button.action) return h("button.key.done", { type: "button", disabled: true }, caption);
  const style = STYLES[button.color] ?? STYLES[button.style] ?? "plain";
  const send = (pressed) => phone.press(pressed, button.action, { action: button.action });
  return keyButton(phone, button.action, caption, { style, send });
}

function formButton(data, asked, phone) {
  const send = (pressed, chosen) => {
    // A form sends its component's own id, and of each field the place and the value chosen.
    const form = Object.fromEntries(
      Object.entries(chosen).map(([name, [value]]) => [name, { index: place(data, name, value), value }]),
    );
    return phone.press(pressed, "form", { action: data.formAction, form });
  };
  return keyButton(phone, data.formAction, data.formText || "提交", {
    style: "primary",
    questions: asked,
    needed: true,
    send,
  });
}

function place(data, name, value) {
  const field = read(data.form).fields.find((one) => one.name === name);
  return field.options.findIndex((option) => optionId(option) === value);
}

function fieldOf(field) {
  const options = (field.options ?? []).map((option) => ({ id: optionId(option), text: String(option.text ?? "") }));
  return { name: field.name, title: field.label || field.title || "", options, disabled: false };
}

function optionId(option) {
  return String(option.value ?? option.id ?? "");
}

function colour(name) {
  return COLOURS.has(name) ? name : "gray";
}

// Values of a card are strings; lists and objects come as JSON.
function read(text) {
  if (typeof text !== "string") return text ?? null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// A message with title, markdown and buttons that are links.
export function actionCard(body, phone) {
  const buttons = body.buttons.map((button, index) => {
    const style = index === 0 ? "primary" : "plain";
    const typed = typedBy(button.url);
    const url = pageOf(button.url);
    if (typed !== null) {
      const send = (pressed) => phone.follow(pressed, button.url);
      return keyButton(phone, typed, button.title, { style, send });
    }
    const link = isWeb(url) ? anchor(url, button.title, phone.open) : h("span", {}, button.title);
    link.classList.add("key", style);
    return link;
  });
  return h(
    "div.card.ding-card",
    {},
    markdown(body.text, phone.open),
    h("div.keys.stacked", { dataset: { count: buttons.length } }, buttons),
  );
}
