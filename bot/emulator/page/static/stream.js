// The live connection: reads all phones once, then follows; after a break it reads them anew.

import { STREAM, get } from "./api.js";

const RETRY = 1000;

// `town` gets reset(phone, bubbles), show(bubble) and connection("live" | "lost").
export function follow(town, phones) {
  let waiting = null;
  let round = 0;

  async function read() {
    const mine = (round += 1);
    // What arrives while the phones are being read is shown after them.
    waiting = [];
    try {
      const lists = await Promise.all(phones.map((phone) => get(`phones/${encodeURIComponent(phone)}`)));
      if (mine !== round) return;
      phones.forEach((phone, index) => town.reset(phone, lists[index]));
      const late = waiting;
      waiting = null;
      late.forEach((bubble) => town.show(bubble));
      town.connection("live");
    } catch {
      if (mine === round) setTimeout(read, RETRY);
    }
  }

  function open() {
    const source = new EventSource(STREAM);
    source.addEventListener("open", read);
    source.addEventListener("bubble", (event) => {
      const bubble = JSON.parse(event.data);
      if (waiting) waiting.push(bubble);
      else town.show(bubble);
    });
    source.addEventListener("error", () => {
      round += 1;
      town.connection("lost");
      // The browser tries again by itself unless the server refused.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY);
    });
  }

  open();
}
