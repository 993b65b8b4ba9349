// The panel that shows what really travelled: the platforms' callbacks and the bot's calls.

import { get } from "./api.js";
import { clock, h } from "./dom.js";

const LAST = 60;
const NAMES = {
  text: "文字", template_card_event: "卡片点击", template_card_menu_event: "卡片菜单", kf_msg_or_event: "客服消息通知",
  enter_agent: "打开应用", "/v1.0/im/bot/messages/get": "机器人消息", "/v1.0/card/instances/callback": "卡片点击",
};

export class Wire {
  constructor(body) {
    this.rows = new Map();
    this.list = h("ol.wire", { dataset: { testid: "wire-list" } });
    this.none = h("p.empty", {}, "还没有任何往来。在左边任一台手机上说句话。");
    body.append(
      h("p.explain", {}, "企业微信的回调是签名的 AES 密文，钉钉走 Stream 长连接或签名的 HTTP。令牌和密钥在这里已隐去。"),
      this.none,
      this.list,
    );
  }

  async refresh() {
    const [calls, callbacks] = await Promise.all([get(`calls?last=${LAST}`), get(`callbacks?last=${LAST}`)]);
    const lines = [
      ...calls.wecom.map((call) => outgoing("企业微信", call)),
      ...calls.dingtalk.map((call) => outgoing("钉钉", call)),
      ...callbacks.wecom.map(encrypted),
      ...callbacks.dingtalk.map(pushed),
    ].sort((one, other) => other.at - one.at).slice(0, LAST);
    const wanted = lines.map((line) => this.#row(line));
    for (const [key, row] of this.rows) {
      if (!wanted.includes(row)) this.rows.delete(key);
    }
    this.list.replaceChildren(...wanted);
    this.none.hidden = lines.length > 0;
  }

  // A row stays the same element while it says the same, so that an opened one stays open.
  #row(line) {
    const key = `${line.at}/${line.name}/${line.code}/${line.detail}`;
    if (!this.rows.has(key)) this.rows.set(key, draw(line));
    return this.rows.get(key);
  }
}

function outgoing(platform, { name, at, errcode, params }) {
  const code = errcode === null ? "…" : String(errcode);
  return { at, platform, way: "call", name, code, isGood: errcode === 0, detail: JSON.stringify(params, null, 1) };
}

function encrypted({ name, at, seconds, status, size, signature, encrypted: text }) {
  const code = status === null ? "超时" : `HTTP ${status}`;
  const detail = `msg_signature=${signature}…\nEncrypt（${size} 字节）= ${text}…`;
  return { at, platform: "企业微信", way: "callback", name, code, took: seconds, isGood: status === 200, detail };
}

function pushed({ name, at, answered, attempts, refusals }) {
  const code = answered ? "已应答" : (refusals.at(-1) ?? (attempts ? "等应答" : "没送出"));
  const detail = `送了 ${attempts} 次${refusals.length ? `\n没成的：${refusals.join("、")}` : ""}`;
  return { at, platform: "钉钉", way: "callback", name, code, isGood: answered, detail };
}

function draw(line) {
  const way = line.way === "call" ? "机器人 → 平台" : "平台 → 机器人";
  const known = NAMES[line.name];
  return h(
    `li.${line.way}`,
    { dataset: { testid: "wire-row", name: line.name } },
    h("p.when", {}, h("span", {}, clock(line.at, 4)), h("span.way", {}, `${line.platform} · ${way}`)),
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("code", {}, line.name),
        known ? h("span.known", {}, known) : null,
        h(`b.code.${line.isGood ? "good" : "bad"}`, {}, line.code),
        line.took === undefined ? null : h("span.took", {}, `${Math.round(line.took * 1000)} ms`),
      ),
      h("pre", {}, line.detail),
    ),
  );
}
