// The panel that makes the platforms misbehave.

import { get, post, remove } from "./api.js";
import { h } from "./dom.js";

// Places as bot/emulator/wecom and bot/emulator/dingtalk name them.
const PLACES = {
  wecom: {
    "wecom.callback": "回调（平台 → 机器人）",
    "wecom.message.send": "发应用消息",
    "wecom.update_template_card": "更新卡片",
    "wecom.gettoken": "取 access_token",
    "wecom.kf.sync_msg": "拉客服消息",
    "wecom.kf.send_msg": "发客服消息",
    "wecom.kf.send_msg_on_event": "发客服欢迎语",
    "wecom.kf.service_state.get": "查会话状态",
    "wecom.kf.service_state.trans": "转会话状态",
    "wecom.webhook.send": "群机器人",
    wecom: "所有接口",
  },
  dingtalk: {
    "dingtalk.stream": "Stream 推送（平台 → 机器人）",
    "dingtalk.callback": "HTTP 回调（平台 → 机器人）",
    "dingtalk.card.create": "创建卡片",
    "dingtalk.card.update": "更新卡片",
    "dingtalk.batchSend": "发单聊消息",
    "dingtalk.session": "会话 webhook 回复",
    "dingtalk.token": "取 accessToken",
    "dingtalk.gateway": "开 Stream 连接",
    dingtalk: "所有接口",
  },
};
const PLATFORMS = { wecom: "企业微信", dingtalk: "钉钉" };

// Kinds as bot/emulator/faults names them, with what their value means.
const KINDS = {
  drop: ["悄悄丢掉", null],
  delay: ["延迟", "秒"],
  duplicate: ["重复", "份数"],
  reorder: ["扣到下一条之后", null],
  http_status: ["HTTP 错误", "状态码"],
  html_body: ["回一张网页", null],
  errcode: ["业务错误码", "错误码"],
  expired_token: ["令牌过期", null],
  quota_full: ["额度用完", null],
  hang_after_accept: ["收下但迟迟不答", "秒"],
  delivery_failed: ["先成功后报失败", "fail_type"],
};

// One tap each: caption, what it shows, what is armed.
const READY = {
  wecom: [
    ["同一条回调投两次", "只应有一份结果", { where: "wecom.callback", kind: "duplicate", value: 2, times: 1 }],
    ["丢一条回调", "机器人收不到这一条", { where: "wecom.callback", kind: "drop", times: 1 }],
    ["回调晚到 3 秒", "答复仍应只有一份", { where: "wecom.callback", kind: "delay", value: 3, times: 1 }],
    ["发消息回 HTTP 502", "稍后自动重发", { where: "wecom.message.send", kind: "http_status", value: 502, times: 1 }],
    ["发消息时令牌过期", "换新令牌再发", { where: "wecom.message.send", kind: "expired_token", times: 1 }],
    ["发消息超频 45009", "等一会儿再发", { where: "wecom.message.send", kind: "errcode", value: 45009, times: 1 }],
    ["客服 5 条额度用完", "改由客户经理转告", { where: "wecom.kf.send_msg", kind: "quota_full", times: 1 }],
    ["客服消息发后报失败", "不能当作已送达", { where: "wecom.kf.send_msg", kind: "delivery_failed", value: 4, times: 1 }],
  ],
  dingtalk: [
    ["同一条推送投两次", "只应有一份结果", { where: "dingtalk.stream", kind: "duplicate", value: 2, times: 1 }],
    ["长连接要断", "换一条连接继续", { where: "dingtalk.stream", kind: "drop", value: "disconnect", times: 1 }],
    ["长连接被重置", "重连后继续", { where: "dingtalk.stream", kind: "drop", value: "reset", times: 1 }],
    ["创建卡片回 HTTP 500", "稍后自动重发", { where: "dingtalk.card.create", kind: "http_status", value: 500, times: 1 }],
    ["更新卡片晚 3 秒", "按钮先变，卡片后到", { where: "dingtalk.card.update", kind: "delay", value: 3, times: 1 }],
    ["令牌过期", "换新令牌再发", { where: "dingtalk", kind: "expired_token", times: 1 }],
    ["本月调用额度用完", "警告要走别的路", { where: "dingtalk.card.create", kind: "quota_full", times: 1 }],
  ],
};

export class Faults {
  // `platforms` are those emulated here; `counted` is told how many faults are armed.
  constructor(body, platforms, counted) {
    this.counted = counted;
    this.armed = h("ul.armed", { dataset: { testid: "armed-list" } });
    this.none = h("p.empty", { dataset: { testid: "armed-none" } }, "一切正常，没有故障。点下面任何一个试试。");
    this.clear = h("button.tool", { type: "button", onclick: () => this.#show(remove("faults")), dataset: { testid: "faults-clear" } }, "全部清除");
    this.problem = h("p.problem", { role: "alert", hidden: true });
    body.append(
      h("section", {}, h("h3", {}, "生效中"), this.none, this.armed, this.clear),
      ...platforms.map((platform) => this.#ready(platform)),
      this.#form(platforms),
    );
  }

  async refresh() {
    await this.#show(get("faults"));
  }

  #ready(platform) {
    const items = READY[platform].map(([caption, effect, fault], index) => {
      const dataset = { testid: `fault-${platform}-${index}`, where: fault.where, kind: fault.kind };
      return h("button.ready", { type: "button", onclick: () => this.#arm(fault), dataset }, h("b", {}, caption), h("span", {}, effect));
    });
    return h("section", {}, h("h3", {}, `${PLATFORMS[platform]}：下一次`), h("div.readies", {}, items));
  }

  #form(platforms) {
    const groups = platforms.map((platform) => h("optgroup", { label: PLATFORMS[platform] }, options(PLACES[platform])));
    const where = h("select", { dataset: { testid: "fault-where" } }, groups);
    const kind = h("select", { dataset: { testid: "fault-kind" } }, options(KINDS, ([caption]) => caption));
    const value = h("input", { type: "text", maxlength: 40, autocomplete: "off", dataset: { testid: "fault-value" } });
    const times = h("input", { type: "number", min: 1, max: 999, value: 1, dataset: { testid: "fault-times" } });
    const unit = h("span", {}, "值");
    const adapt = () => {
      unit.textContent = KINDS[kind.value][1] ?? "值（可不填）";
    };
    kind.addEventListener("change", adapt);
    adapt();
    const submit = (event) => {
      event.preventDefault();
      this.#arm({ where: where.value, kind: kind.value, value: read(value.value), times: Number(times.value) || null });
    };
    return h(
      "section",
      {},
      h("h3", {}, "自己配一个"),
      h(
        "form.own",
        { onsubmit: submit },
        h("label", {}, h("span", {}, "哪里"), where),
        h("label", {}, h("span", {}, "怎么坏"), kind),
        h("label", {}, unit, value),
        h("label", {}, h("span", {}, "几次（空为一直）"), times),
        h("button.tool.strong", { type: "submit", dataset: { testid: "fault-arm" } }, "装上"),
      ),
      this.problem,
    );
  }

  #arm(fault) {
    return this.#show(post("faults", fault));
  }

  async #show(answer) {
    this.problem.hidden = true;
    try {
      this.#draw(await answer);
    } catch (error) {
      this.problem.textContent = `没有成功：${error.message}`;
      this.problem.hidden = false;
    }
  }

  #draw(faults) {
    const rows = faults.map((fault) => {
      const take = () => this.#show(remove(`faults?where=${encodeURIComponent(fault.where)}`));
      return h(
        "li",
        { dataset: { testid: "armed", where: fault.where, kind: fault.kind } },
        h("span", {}, words(fault)),
        h("button.tool", { type: "button", onclick: take, "aria-label": `撤下${placeName(fault.where)}的故障` }, "撤下"),
      );
    });
    this.armed.replaceChildren(...rows);
    this.none.hidden = rows.length > 0;
    this.clear.hidden = !rows.length;
    this.counted(rows.length);
  }
}

function options(names, caption = (name) => name) {
  return Object.entries(names).map(([id, name]) => h("option", { value: id }, caption(name)));
}

function read(text) {
  const given = text.trim();
  if (!given) return null;
  return Number.isNaN(Number(given)) ? given : Number(given);
}

function placeName(where) {
  const platform = where.split(".")[0];
  return `${PLATFORMS[platform] ?? platform} · ${PLACES[platform]?.[where] ?? where}`;
}

function words({ where, kind, value, left }) {
  const [caption, unit] = KINDS[kind] ?? [kind, null];
  const amount = value === null ? "" : ` ${value}${unit === "秒" ? " 秒" : ""}`;
  return `${placeName(where)} · ${caption}${amount} · ${left === null ? "一直" : `还有 ${left} 次`}`;
}
