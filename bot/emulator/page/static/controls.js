// What can be pressed and chosen on a card, the same for every app.

import { h } from "./dom.js";

// The part of a key that is the same in every run: "<ticket>:<choice>" → "<choice>".
export function choiceOf(key) {
  return String(key).split(":").at(-1).trim();
}

// A button that calls back. `questions` are asked first; with `needed` none may stay open. `send`
// replaces the plain press.
export function keyButton(phone, key, caption, { style = "plain", questions = [], needed = false, send = null } = {}) {
  const press = (event) => {
    const open = questions.find((question) => needed && !question.value().length);
    if (open) return open.complain();
    const selected = Object.fromEntries(questions.map((question) => [question.name, question.value()]));
    if (send) return send(event.currentTarget, selected);
    return phone.press(event.currentTarget, key, selected);
  };
  const dataset = { testid: `press-${choiceOf(key)}`, key };
  return h(`button.key.${style || "plain"}`, { type: "button", onclick: press, dataset }, caption);
}

function question(spec, node, value, focus) {
  const hint = h("p.missing", { role: "alert", hidden: true }, `请先选${spec.title || "一项"}`);
  node.append(hint);
  node.addEventListener("change", () => { hint.hidden = true; });
  const complain = () => {
    hint.hidden = false;
    focus.focus();
  };
  return { name: spec.name, node, value, complain };
}

// A drop-down list: {name, title, options: [{id, text}], chosen, disabled}.
export function picker(spec) {
  const options = spec.options.map((one) => h("option", { value: one.id, selected: one.id === spec.chosen }, one.text));
  const blank = spec.chosen ? null : h("option", { value: "", selected: true }, "请选择");
  const select = h("select", { disabled: spec.disabled, dataset: { testid: `choose-${spec.name}` } }, blank, options);
  const node = h("label.question", {}, h("span", {}, spec.title || "请选择"), select);
  return question(spec, node, () => (select.value ? [select.value] : []), select);
}

// Boxes to tick, or with one allowed answer a row of radio buttons.
export function ticks(spec) {
  const group = `q${Math.random().toString(36).slice(2)}`;
  const boxes = spec.options.map((one) => {
    const props = { type: spec.many ? "checkbox" : "radio", name: group, value: one.id, checked: Boolean(one.checked), disabled: spec.disabled };
    return { box: h("input", { ...props, dataset: { testid: `choose-${spec.name}-${one.id}` } }), text: one.text };
  });
  const node = h(
    "fieldset.question",
    {},
    h("legend", {}, spec.title || (spec.many ? "可选多项" : "选一项")),
    boxes.map(({ box, text }) => h("label.tick", {}, box, h("span", {}, text))),
  );
  const value = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return question(spec, node, value, boxes[0].box);
}
