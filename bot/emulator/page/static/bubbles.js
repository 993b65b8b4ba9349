// From a bubble as the emulator keeps it to what the phone shows.

import { keyButton } from "./controls.js";
import { actionCard, dingtalkCard } from "./dingtalk-card.js";
import { h } from "./dom.js";
import { anchor, linked, pageOf } from "./links.js";
import { markdown } from "./markdown.js";
import { wecomCard } from "./wecom-card.js";

const MEDIA = {
  image: "图片", voice: "语音", video: "视频", file: "文件", location: "位置", link: "链接", news: "图文",
  mpnews: "图文", miniprogram: "小程序", miniprogram_notice: "小程序通知", picture: "图片", audio: "语音",
  richText: "图文", sampleImageMsg: "图片", sampleAudio: "语音", sampleFile: "文件", sampleVideo: "视频",
};
const EVENTS = {
  enter_session: "进入微信客服", enter_agent: "打开了应用", subscribe: "关注了应用",
  unsubscribe: "取消关注应用", click: "点了菜单", view: "打开了菜单里的网页",
};

// How a bubble is placed: "line" in the middle, "card" over the whole width, "talk" as a balloon.
export function shapeOf(bubble) {
  if (bubble.kind === "event" || bubble.body.recalled) return "line";
  return ["card", "actioncard", "feed", "oa", "link"].includes(bubble.kind) ? "card" : "talk";
}

export function draw(bubble, phone) {
  const { kind, body } = bubble;
  if (body.recalled) return "一条消息已被撤回";
  switch (kind) {
    case "text":
      return body.format ? markdown(body.text, phone.open) : h("p.text", {}, linked(String(body.text), phone.open));
    case "card":
      return body.template ? dingtalkCard(body, phone) : wecomCard(body, phone, phone.given(bubble));
    case "menu":
      return menu(body, phone);
    case "markdown":
      return markdown(body.text, phone.open);
    case "actioncard":
      return actionCard(body, phone);
    case "link":
      return linkCard(body, phone);
    case "feed":
      return h("div.card", {}, h("ul.jumps", {}, body.links.map((one) => h("li", {}, anchor(one.messageURL, one.title, phone.open)))));
    case "event":
      return deed(body);
    default:
      return other(bubble, phone);
  }
}

function menu(body, phone) {
  const items = (body.list ?? []).map((item) => {
    const inside = item[item.type] ?? {};
    if (item.type === "click") return keyButton(phone, inside.id ?? "", inside.content, { style: "menu-line" });
    if (item.type === "view") return anchor(inside.url, inside.content, phone.open);
    return h("span", {}, inside.content ?? "");
  });
  return h(
    "div.menu",
    {},
    body.head_content ? h("p.text", {}, linked(body.head_content, phone.open)) : null,
    items.length ? h("div.menu-lines", {}, items) : null,
    body.tail_content ? h("p.text.tail", {}, linked(body.tail_content, phone.open)) : null,
  );
}

function linkCard(body, phone) {
  const link = anchor(pageOf(body.url), body.title, phone.open);
  link.classList.add("whole");
  return h("div.card", {}, h("p.main-title", {}, link), h("p.sub", {}, body.text));
}

// What a person did that is no message: a button pressed, a chat entered.
function deed(body) {
  if (body.key !== undefined) {
    const choice = body.chosen?.length ? `，选了 ${body.chosen.join("、")}` : "";
    return `点了「${body.caption}」${choice}`;
  }
  const words = EVENTS[body.event] ?? body.event;
  return body.scene_param ? `${words}（由邀请链接）` : words;
}

function other({ kind, body }, phone) {
  const name = body.msgtype ?? body.template ?? kind;
  const text = body.recognition ?? body.title ?? body.content ?? body.text;
  const url = body.url ?? body.messageUrl;
  const caption = typeof text === "string" && text ? ` ${text}` : "";
  const words = `[${MEDIA[name] ?? name}]${caption}`;
  return h("p.text.placeholder", {}, url ? anchor(url, words, phone.open) : words);
}

// All words of a bubble, for the guide's eyes and for screen readers' labels.
export function wordsOf(value) {
  if (typeof value === "string") return value;
  if (value && typeof value === "object") return Object.values(value).map(wordsOf).join("\n");
  return "";
}
