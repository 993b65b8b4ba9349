// WeCom template cards (doc 90236), drawn as the client does, and the older textcard.

import { h } from "./dom.js";
import { anchor, isWeb } from "./links.js";
import { keyButton, picker, ticks } from "./controls.js";

const SOURCE_COLOURS = ["grey", "black", "red", "green"];
const BUTTON_STYLES = ["", "primary", "plain", "danger", "outline"];

// `phone` gives press(button, key, selected) and open(url); `given` is what its owner
// chose here before, which the card itself does not say once its buttons are grey.
export function wecomCard(card, phone, given = {}) {
  if (card.msgtype === "textcard") return textcard(card, phone);
  const box = h("div.card.wecom-card", { dataset: { cardType: card.card_type } });
  box.append(
    ...[
      source(card, phone),
      card.card_type === "news_notice" ? picture(card) : null,
      title(card, phone),
      emphasis(card.emphasis_content),
      quote(card.quote_area, phone),
      card.sub_title_text ? h("p.sub", {}, card.sub_title_text) : null,
      imageText(card.image_text_area, phone),
      ...(card.vertical_content_list ?? []).map((item) =>
        h("div.vertical", {}, h("p.strong", {}, item.title), h("p.sub", {}, item.desc ?? ""))),
      rows(card.horizontal_content_list, phone),
      jumps(card.jump_list, phone),
      answers(card, phone, given),
    ].filter(Boolean),
  );
  return box;
}

function source(card, phone) {
  const from = card.source;
  const more = card.replace_text ? null : menu(card.action_menu, phone);
  if (!from?.desc && !more) return null;
  const colour = SOURCE_COLOURS[from?.desc_color ?? 0] ?? "grey";
  return h("div.source", {}, h(`span.from.${colour}`, {}, from?.desc ?? ""), more);
}

function menu(action, phone) {
  if (!action?.action_list?.length) return null;
  const items = action.action_list.map((item) => keyButton(phone, item.key, item.text, { style: "menu-item" }));
  return h("details.more", {}, h("summary", { "aria-label": action.desc || "更多操作" }, "⋯"), h("div.menu-items", {}, items));
}

function title(card, phone) {
  const main = card.main_title ?? {};
  if (!main.title && !main.desc) return null;
  const url = card.card_action?.type === 1 ? card.card_action.url : null;
  // The whole card opens the page: the link's area is stretched over it by the style sheet.
  const words = isWeb(url) ? whole(url, main.title || main.desc, phone) : main.title;
  return h(
    "div.title",
    {},
    main.title || isWeb(url) ? h("p.main-title", {}, words) : null,
    main.desc ? h("p.desc", {}, main.desc) : null,
  );
}

function whole(url, caption, phone) {
  const link = anchor(url, caption, phone.open);
  link.classList.add("whole");
  return link;
}

function emphasis(content) {
  if (!content?.title && !content?.desc) return null;
  return h("div.emphasis", {}, h("p.number", {}, content.title ?? ""), h("p.desc", {}, content.desc ?? ""));
}

function quote(area, phone) {
  if (!area?.quote_text && !area?.title) return null;
  const head = area.title ? h("p.strong", {}, area.type === 1 ? anchor(area.url, area.title, phone.open) : area.title) : null;
  return h("blockquote.quote", {}, head, h("p", {}, area.quote_text ?? ""));
}

function picture(card) {
  const url = card.card_image?.url;
  if (!isWeb(url)) return null;
  const image = h("img.picture", { src: url, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(h("p.placeholder", {}, "[图片]")));
  image.style.aspectRatio = String(card.card_image.aspect_ratio ?? 1.3);
  return image;
}

function imageText(area, phone) {
  if (!area) return null;
  const words = area.type === 1 ? anchor(area.url, area.title ?? "", phone.open) : (area.title ?? "");
  return h("div.vertical", {}, h("p.strong", {}, words), h("p.sub", {}, area.desc ?? ""));
}

function rows(list, phone) {
  if (!list?.length) return null;
  const pairs = list.map((row) => {
    const value = row.value ?? row.userid ?? "";
    return [h("dt", {}, row.keyname), h("dd", {}, row.type === 1 ? anchor(row.url, value || row.url, phone.open) : value)];
  });
  return h("dl.rows", {}, pairs);
}

function jumps(list, phone) {
  if (!list?.length) return null;
  const items = list.map((jump) =>
    h("li", {}, jump.type === 1 ? anchor(jump.url, jump.title, phone.open) : h("span", {}, jump.title)));
  return h("ul.jumps", {}, items);
}

function answers(card, phone, given) {
  const frozen = card.replace_text;
  const asked = [];
  if (card.button_selection) asked.push(picker(choice(card.button_selection, frozen, given)));
  if (card.checkbox) asked.push(ticks(choice(card.checkbox, frozen, given)));
  for (const list of card.select_list ?? []) asked.push(picker(choice(list, frozen, given)));
  const keys = card.submit_button ? [{ ...card.submit_button, style: 1 }] : (card.button_list ?? []);
  if (!asked.length && !keys.length) return null;
  const buttons = frozen
    ? [h("button.key.done", { type: "button", disabled: true }, frozen)]
    : keys.map((key) =>
        key.type === 1
          ? linkButton(key, phone)
          : keyButton(phone, key.key, key.text, {
              style: BUTTON_STYLES[key.style ?? 1] ?? "primary",
              questions: asked,
              needed: Boolean(card.submit_button),
            }));
  return h("div.answers", {}, asked.map((question) => question.node), h("div.keys", { dataset: { count: buttons.length } }, buttons));
}

function linkButton(key, phone) {
  const link = anchor(key.url, key.text, phone.open);
  link.classList.add("key", BUTTON_STYLES[key.style ?? 1] ?? "primary");
  return link;
}

function choice(part, frozen, given) {
  const mine = given[part.question_key];
  return {
    name: part.question_key,
    title: part.title ?? "",
    many: part.mode === 1,
    disabled: Boolean(part.disable || frozen),
    chosen: mine?.[0] ?? part.selected_id,
    options: part.option_list.map((one) => ({
      id: one.id,
      text: one.text,
      checked: mine ? mine.includes(one.id) : one.is_checked,
    })),
  };
}

function textcard(card, phone) {
  // The description may hold <div class="gray">…</div>; only its words are wanted.
  const lines = String(card.description ?? "").split(/<br\s*\/?>|<\/div>|\n/i).map((line) => line.replace(/<[^>]*>/g, "").trim());
  return h(
    "div.card.wecom-card",
    { dataset: { cardType: "textcard" } },
    h("div.title", {}, h("p.main-title", {}, isWeb(card.url) ? whole(card.url, card.title, phone) : card.title)),
    lines.filter(Boolean).map((line) => h("p.sub", {}, line)),
    h("p.detail", {}, card.btntxt || "详情"),
  );
}
