// The few pieces of markdown that DingTalk and WeCom show. Builds elements, never parses HTML.

import { h } from "./dom.js";
import { anchor } from "./links.js";

const INLINE = new RegExp(
  [
    "(?<bold>\\*\\*(?=\\S)(?<strong>.+?)\\*\\*)",
    "(?<italic>(?<![\\w*])\\*(?=\\S)(?<em>[^*]+?)\\*(?![\\w*]))",
    "(?<code>`(?<literal>[^`]+)`)",
    "(?<picture>!\\[(?<alt>[^\\]]*)\\]\\((?<source>[^)\\s]+)\\))",
    "(?<address>\\[(?<caption>[^\\]]+)\\]\\((?<target>[^)\\s]+)\\))",
    "(?<font><font color=[\"'](?<colour>info|comment|warning)[\"']>(?<words>.*?)</font>)",
  ].join("|"),
  "g",
);

function inline(text, open) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(from, found.index), piece(found.groups, open));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function piece(found, open) {
  if (found.bold) return h("strong", {}, inline(found.strong, open));
  if (found.italic) return h("em", {}, inline(found.em, open));
  if (found.code) return h("code", {}, found.literal);
  if (found.picture) return h("span.placeholder", {}, `[图片] ${found.alt}`);
  if (found.font) return h(`span.${found.colour}`, {}, inline(found.words, open));
  return anchor(found.target, found.caption, open);
}

function block(line, open) {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) return h("p.heading", { dataset: { level: heading[1].length } }, inline(heading[2], open));
  const quote = /^>\s?(.*)$/.exec(line);
  if (quote) return h("blockquote", {}, inline(quote[1], open));
  const item = /^\s*(?:[-*+]|(\d+\.))\s+(.*)$/.exec(line);
  if (item) return h("p.item", { dataset: { mark: item[1] ?? "·" } }, inline(item[2], open));
  return h("p", {}, inline(line, open));
}

// The markdown as a fragment; `open` is called with a 微信客服 address that is tapped.
export function markdown(text, open) {
  const lines = String(text).split(/\r?\n/).map((line) => line.replace(/<br\s*\/?>/gi, "").trimEnd());
  const box = h("div.markdown");
  box.append(...lines.filter((line) => line.trim()).map((line) => block(line, open)));
  return box;
}
