// A page that waits listens at the address in `data-live`. Told that it would look different, it
// fetches itself and takes over what differs, in place: what has the focus keeps it, what is open
// stays open, and a form in which somebody has typed is left alone. A hidden page does not listen.
// What changed in parts with `data-say` is said politely. Without this script pages just stay as
// they were loaded.
"use strict";
(() => {
  const main = document.getElementById("main");
  const AGAIN = 60_000; // milliseconds, after a no that nobody takes back
  const PATIENCE = 10_000; // a stream ends now and then, and comes again within this
  const BREATH = 5_000; // between two announcements: a busy page must not talk all the time
  const MOST_SAID = 4;
  const FIELDS = "input, select, textarea";
  let stream, lost, again, breath, isBehind = false, isBusy = false;
  let told = said();

  function listen() {
    if (stream || document.hidden) return;
    clearTimeout(again);
    stream = new EventSource(main.dataset.live);
    stream.onmessage = ({ data }) => {
      lost = clearTimeout(lost);
      sayAway(data === "away");
      if (data === "moved" || isBehind) renew();
    };
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) {
        lost ??= setTimeout(sayAway, PATIENCE, true);
        return;
      }
      stop();
      sayAway(true);
      again = setTimeout(listen, AGAIN);
    };
  }

  function stop() {
    lost = clearTimeout(lost);
    stream?.close();
    stream = undefined;
  }

  function sayAway(isAway) {
    document.getElementById("live-away").hidden = !isAway;
  }

  async function renew() {
    isBehind = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isBehind && !document.hidden) {
        isBehind = false;
        show(await fetched());
      }
    } catch {
      isBehind = true;
      setTimeout(renewAgain, PATIENCE);
    } finally {
      isBusy = false;
    }
  }

  async function renewAgain() {
    if (!isBehind) return;
    sayAway(true);
    await renew();
    if (!isBehind && stream?.readyState === EventSource.OPEN) sayAway(false);
  }

  async function fetched() {
    // Not followed: who has to log in again is sent elsewhere.
    const answer = await fetch(location.href, {
      cache: "no-store", redirect: "manual", headers: { accept: "text/html" },
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isListening = page.getElementById("main")?.dataset.live;
    if (!answer.ok || !isListening) throw new Error(answer.status);
    return page;
  }

  function show(page) {
    const focused = document.activeElement;
    const hadFocus = main.contains(focused);
    adopt(main, page.getElementById("main"));
    adopt(document.querySelector(".foot"), page.querySelector(".foot"));
    document.title = page.title;
    if (hadFocus && document.activeElement !== focused) {
      (focused.isConnected ? focused : main).focus({ preventScroll: true });
    }
    announce();
  }

  function announce() {
    if (breath) return;
    const now = said();
    const news = [...now].filter(([name, text]) => told.get(name) !== text);
    told = now;
    if (!news.length) return;
    document.getElementById("live-said").textContent = news.length > MOST_SAID
      ? `${news.length} parts of this page have changed.`
      : news.map(([name, text]) => `${name}: ${text}`.replace(/\.?$/, ".")).join(" ");
    breath = setTimeout(() => { breath = undefined; announce(); }, BREATH);
  }

  function said() {
    return new Map([...main.querySelectorAll("[data-say]")].map(
      (one) => [one.dataset.say, one.innerText.trim().replace(/\s*\n\s*/g, ", ")]));
  }

  // Make `old` look like `next`.
  function adopt(old, next) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
      return;
    }
    if (old.nodeName === "FORM" && isUsed(old)) return;
    const isKept = (name) => name === "open" && old.nodeName === "DETAILS";
    for (const { name } of [...old.attributes]) {
      if (!next.hasAttribute(name) && !isKept(name)) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) !== value && !isKept(name)) old.setAttribute(name, value);
    }
    adoptChildren(old, next);
  }

  function adoptChildren(old, next) {
    const wanted = new Set([...next.children].map(key));
    for (const one of [...old.children]) {
      if (key(one) && !wanted.has(key(one)) && !isUsed(one)) one.remove();
    }
    const known = new Map([...old.children].filter(key).map((one) => [key(one), one]));
    let place = old.firstChild;
    for (const one of [...next.childNodes]) {
      const there = key(one) ? known.get(key(one)) : alike(place, one);
      known.delete(key(one));
      while (there && place && place !== there && !key(place)) place = dropped(place);
      if (there && there === place) place = place.nextSibling;
      else old.insertBefore(there ?? one, place);
      if (there) adopt(there, one);
    }
    while (place) place = dropped(place);
  }

  // What is known again among its brothers, wherever it stands.
  function key(node) {
    return node.id || node.dataset?.key || node.getAttribute?.("aria-labelledby") || "";
  }

  // The next one that may become `one`: an element from here on, a text only here.
  function alike(place, one) {
    const sort = (node) => `${node.nodeName} ${node.classList?.[0] ?? ""} ${key(node)}`;
    for (let node = place; node; node = node.nextSibling) {
      if (sort(node) === sort(one)) return node;
      if (one.nodeType !== Node.ELEMENT_NODE) return undefined;
    }
    return undefined;
  }

  // Take a node away, unless it is known again or somebody uses it; give the one after it.
  function dropped(node) {
    const after = node.nextSibling;
    if (!isUsed(node) && !key(node)) node.remove();
    return after;
  }

  function isUsed(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return false;
    return [...node.querySelectorAll(FIELDS)].some(isTouched);
  }

  function isTouched(field) {
    if (field === document.activeElement) return true;
    if (/^(radio|checkbox)$/.test(field.type)) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const usual = [...field.options].findIndex((one) => one.defaultSelected);
    return field.selectedIndex !== Math.max(0, usual);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listen);
  listen();
})();
