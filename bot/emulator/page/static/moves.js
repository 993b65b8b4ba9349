// What a thread's moves are made of: conditions read off the phones, by the words of templates/cards.

// Somebody has said it; somebody has been told it.
export const asked = (who, pattern) => (w) => w.first(who, { mine: true, words: pattern });
export const told = (who, pattern) => (w) => w.first(who, { words: pattern });

// Who plays which part: by app and the words of the role.
const PARTS = {
  customer: ({ app }) => app === "wechat",
  second: ({ app, role }) => app === "wechat" && role.includes("第二位"),
  other: ({ app, role }) => app === "wechat" && role.includes("云栖"),
  sales: ({ app, role }) => app === "wecom" && role.includes("销售"),
  pm: ({ app, role }) => app === "wecom" && role.includes("项目经理"),
  finance: ({ app, role }) => app === "wecom" && role.includes("财务"),
  boss: ({ app, role }) => app === "wecom" && role.includes("主管"),
  dingBoss: ({ app, role }) => app === "dingtalk" && role.includes("主管"),
  dingPm: ({ app, role }) => app === "dingtalk" && role.includes("项目经理"),
};

export function castParts(phones) {
  return new Map(
    Object.entries(PARTS).map(([part, fits]) => [part, phones.find(({ actor }) => fits(actor))]),
  );
}
