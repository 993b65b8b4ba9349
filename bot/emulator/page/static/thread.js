// The thread a newcomer walks through, as data: who does what, and how one sees that it happened.
//
// Lines come from the cast's own suggestions where one starts with the right word.

import { asked, told } from "./moves.js";

const CONFIRM = ["确认"];
const INVITED = /scene_param=|邀请码[\s:\uff1a]*[0-9A-Z]{6,}/;
const RECORDED = /已记录/;
const TAKEN = /处理中|已接手|已解决/;
const RESOLVED = /已解决/;
const BAD_REVIEW = /^\s*\/?评价\s.*(^|\s)[12]\s/;

const review = asked("customer", BAD_REVIEW);
const warned = (who) => (w) => review(w) && w.first(who, { after: review(w), kinds: ["card", "actioncard"] });
const anyWarning = (pattern) => (w) =>
  review(w) && ["boss", "dingBoss"].map((who) => w.first(who, { after: review(w), words: pattern })).find(Boolean);
const preview = (who) => (w) => {
  const line = w.first(who, { mine: true, words: /记录|验收/ });
  return line && w.first(who, { after: line, kinds: ["card", "actioncard"] });
};
const final = (who) => (w) => preview(who)(w) && w.first(who, { from: preview(who)(w), words: RECORDED });

export const THREAD = [
  {
    title: "邀请客户",
    moves: [{ who: "sales", say: "邀请", line: "邀请 滨江置业 王建国", done: told("sales", INVITED) }],
  },
  {
    title: "客户绑定",
    moves: [{ who: "customer", say: "绑定", line: "绑定 {code}", hint: "发「绑定」和邀请码", missing: "还没有邀请码，先做第 1 步", done: told("customer", /绑定好了/) }],
  },
  {
    title: "记录交付",
    moves: [
      { who: "pm", say: "记录", line: "记录 滨江一期 主体结构 昨天验收通过", done: preview("pm") },
      { who: "pm", press: CONFIRM, hint: "点卡片上的「确认」", done: final("pm") },
      {
        who: "customer",
        hint: "客户收到通知",
        done: (w) => final("pm")(w) && (w.first("customer", { after: preview("pm")(w), words: /分/ }) || w.first("sales", { after: preview("pm")(w) })),
      },
    ],
  },
  {
    title: "查积分",
    moves: [
      { who: "customer", say: "余额", line: "余额", done: told("customer", /分可用/) },
      { who: "customer", say: "明细", line: "明细", done: told("customer", /最近 \d+ 笔|还没有积分进出/) },
    ],
  },
  {
    title: "差评闭环",
    moves: [
      { who: "customer", say: /^评价.*\s[12]\s/, line: "评价 滨江一期 1 渗水三次没人管", done: (w) => warned("boss")(w) && (!w.has("dingBoss") || warned("dingBoss")(w)) },
      { who: "boss", press: ["我来处理"], hint: "点「我来处理」", done: anyWarning(TAKEN) },
      { who: "boss", press: ["处理完成", "已解决", "关闭预警", "提交"], hint: "点「处理完成」，选原因和措施后提交", done: anyWarning(RESOLVED) },
      {
        who: "customer",
        press: ["已经解决", "解决"],
        hint: "客户回答解决了没有",
        done: (w) => review(w) && w.first("customer", { mine: true, after: review(w), words: /解决/ }),
      },
    ],
  },
  {
    title: "钉钉上也一样",
    moves: [
      { who: "dingPm", say: "记录", line: "记录 滨江二期 地基基础 昨天验收通过", done: preview("dingPm") },
      { who: "dingPm", press: CONFIRM, hint: "点卡片上的「确认」", done: final("dingPm") },
    ],
  },
];
