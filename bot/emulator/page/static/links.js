// Addresses inside texts: which are opened, which are acted out here, and which are left as text.

import { h } from "./dom.js";

// Ends before Chinese characters and full-width marks, and before a mark that closes a sentence.
const ADDRESS = /https?:\/\/[^\s<>"'`\u3000-\u9fff\uff00-\uffef]*[^\s<>"'`\u3000-\u9fff\uff00-\uffef.,;:!?)\]]/g;
const KF = /^https:\/\/work\.weixin\.qq\.com\/kf(id)?\//;
const SAY = /^dtmd:\/\/dingtalkclient\/sendMessage\?/;
const PAGE = /^dingtalk:\/\/dingtalkclient\/page\/link\?/;
const VOUCHER = /(?<![0-9A-Z-])[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}-[0-9A-Z]{5}(?![0-9A-Z-])/;
const BLANK = /\{(\w+)\}/g;
const TYPED_CODE = /邀请码[\s:\uff1a]*([0-9A-Za-z]{6,32})/;

// The parameter as the client's JavaScript reads it: a plus stays a plus.
function parameter(url, name) {
  const found = new RegExp(`[?&]${name}=([^&#]*)`).exec(url);
  if (!found) return null;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return found[1];
  }
}

export function isKf(url) {
  return KF.test(url);
}

export function isWeb(url) {
  return /^https?:\/\//i.test(url ?? "");
}

// What a `dtmd` link makes its reader type; null for other links.
export function typedBy(url) {
  return SAY.test(url) ? parameter(url, "content") : null;
}

// The page behind a DingTalk page link, or the address itself.
export function pageOf(url) {
  return PAGE.test(url) ? (parameter(url, "url") ?? "") : url;
}

// The invitation in a text: its code, and the link when there is one.
export function invitationIn(text) {
  const url = (text.match(ADDRESS) ?? []).find((found) => isKf(found) && parameter(found, "scene_param"));
  if (url) return { code: parameter(url, "scene_param"), url };
  const typed = TYPED_CODE.exec(text);
  return typed ? { code: typed[1], url: null } : null;
}

// The first voucher code in a text, or null.
export function voucherIn(text) {
  return VOUCHER.exec(text)?.[0] ?? null;
}

// A line with its {blanks} filled in; null when something for one of them is not known.
export function fill(line, known) {
  const isKnown = [...line.matchAll(BLANK)].every(([, name]) => known[name]);
  return isKnown ? line.replace(BLANK, (_, name) => known[name]) : null;
}

export function sceneOf(url) {
  return parameter(url, "scene_param") ?? "";
}

// Text with its addresses made links; `onkf` is called with a 微信客服 address that is tapped.
export function linked(text, onkf) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    parts.push(text.slice(from, found.index), anchor(found[0], found[0], onkf));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

// One link: a page in a new tab, a service chat acted out here, or plain text when it is neither.
export function anchor(url, caption, onkf) {
  if (isKf(url)) {
    return h("button.link", { type: "button", title: "打开微信客服", onclick: () => onkf(url) }, caption);
  }
  if (!isWeb(url)) return h("span", {}, caption);
  return h("a.link", { href: url, target: "_blank", rel: "noopener noreferrer" }, caption);
}
