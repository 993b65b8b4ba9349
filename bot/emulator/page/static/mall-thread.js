// The thread through the mall, as data like the other: what a customer buys, uses, gives away.

import { told } from "./moves.js";

const VOUCHER_PAGE = /\/app\/voucher\//;

export const MALL = [
  {
    title: "看能换什么",
    moves: [
      { who: "customer", once: true, say: "绑定", line: "绑定 {code}", hint: "先绑定，见「上手」第 1、2 步", missing: "先做「上手」的第 1 步，拿到邀请码", done: told("customer", /绑定好了/) },
      { who: "customer", say: "兑换", line: "兑换", done: told("customer", /现在能换|还换不了/) },
    ],
  },
  {
    title: "换一张抵用券",
    moves: [
      { who: "customer", say: "兑换 千元", line: "兑换 千元抵用券", done: told("customer", /请确认兑换：千元抵用券/) },
      { who: "customer", press: ["确认，扣"], hint: "看清扣多少，点「确认」", done: told("customer", /兑换成功：千元抵用券/) },
    ],
  },
  {
    title: "打开二维码",
    moves: [{ who: "customer", page: VOUCHER_PAGE, hint: "点消息里的链接，看二维码", done: (w) => w.opened("customer", VOUCHER_PAGE) }],
  },
  {
    title: "财务核销",
    moves: [
      { who: "finance", say: "核销", line: "核销 {voucher}", hint: "发「核销」和券码", missing: "还没有券码，先做第 2 步", done: told("finance", /请核对：核销|已核销/) },
      { who: "finance", press: ["滨江一期", "核销"], hint: "点抵哪个项目的款", done: told("finance", /已核销/) },
      { who: "customer", hint: "马上收到通知", done: told("customer", /抵用券用掉了/) },
    ],
  },
  {
    title: "换不成说清楚",
    moves: [
      { who: "other", say: "兑换 全年维保", line: "兑换 全年维保", done: told("other", /积分不够/) },
      { who: "customer", say: "兑换 千元", line: "兑换 千元抵用券", hint: "再换一张，超过限兑", done: told("customer", /已经换满/) },
    ],
  },
  {
    title: "送给别的单位",
    moves: [
      { who: "customer", say: "赠送", line: "赠送 云栖科技园 800", done: told("customer", /请确认赠送/) },
      { who: "customer", press: ["确认赠送"], hint: "核对单位和积分，点「确认赠送」", done: told("customer", /已送出/) },
      { who: "other", hint: "对方收到积分", done: told("other", /收到 [\d,]+ 分/) },
    ],
  },
  {
    title: "高价值要审批",
    moves: [
      { who: "customer", say: "兑换 全年", line: "兑换 全年维保", done: told("customer", /请确认兑换：全年维保/) },
      { who: "customer", press: ["提交，冻结"], hint: "点「提交」，积分先冻结", done: told("customer", /已提交，等同意：全年维保/) },
      { who: "boss", press: ["批准"], hint: "点「批准」", done: told("boss", /全年维保[^]*已批准|已批准[^]*全年维保/) },
      { who: "customer", hint: "批准后收到结果", done: told("customer", /兑换成功：全年维保/) },
    ],
  },
];
