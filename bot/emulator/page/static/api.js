// The emulator's control addresses. Paths are relative, so that a prefix in front does no harm.

const ROOT = "emulator";

export const STREAM = `${ROOT}/stream`;

async function call(path, options = {}) {
  const answer = await fetch(`${ROOT}/${path}`, { cache: "no-store", ...options });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.error ?? `HTTP ${answer.status}`);
  return body;
}

export const get = (path) => call(path);
export const remove = (path) => call(path, { method: "DELETE" });

export function post(path, body) {
  const headers = { "content-type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

const REFUSALS = [
  ["greyed out", "这张卡片已经不能再点了"],
  ["no such card", "这台手机上没有这张卡片"],
  ["has no such card", "这台手机上没有这张卡片"],
  ["without callbackType", "这张卡片没有回调，点了没有反应"],
  ["no button with key", "卡片上已经没有这个按钮"],
  ["no menu item", "菜单里没有这一项"],
  ["cannot be chosen", "这个选项不能选"],
];

// Lets a person do something; gives null when all went well, else what to tell the user.
export async function act(actor, deed) {
  try {
    const outcome = await post("act", { app: actor.app, user: actor.user, ...deed });
    return complaint(outcome);
  } catch (error) {
    if (error instanceof TypeError) return "没有成功：连不上模拟器";
    const known = REFUSALS.find(([part]) => error.message.includes(part));
    return known ? known[1] : `没有成功：${error.message}`;
  }
}

function complaint({ accepted, held, attempts }) {
  if (accepted) return null;
  if (held) return "故障开关扣住了这条回调，下一条走了它才到";
  if (!attempts.length) return "机器人没有收到或没有应答这条回调";
  const tries = attempts.map((status) => (status === null ? "超时" : `HTTP ${status}`));
  return `平台试了 ${tries.length} 次，机器人都没收下（${[...new Set(tries)].join("、")}）`;
}
