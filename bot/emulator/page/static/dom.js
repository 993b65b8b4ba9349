// Building elements. Text only ever becomes text nodes; nothing here or elsewhere parses HTML.

// Makes an element: h("p.note", {title: "…", onclick: f, dataset: {key: "1"}}, "text", child, null).
export function h(selector, props = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export function testid(phone) {
  return phone.replaceAll(":", "-");
}

// Runs `work` once, `wait` milliseconds after the last of several calls.
export function settled(work, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
}

// The phones are in China, wherever the browser is.
const SHANGHAI = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

// "09:05", or with the parts asked for "09:05:07.123".
export function clock(seconds, parts = 2) {
  const text = SHANGHAI.format(seconds * 1000).split(":").slice(0, parts).join(":");
  return parts < 4 ? text : `${text}.${String(Math.floor(seconds * 1000) % 1000).padStart(3, "0")}`;
}
