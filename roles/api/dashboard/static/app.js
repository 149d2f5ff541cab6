'use strict';
// Keeps the page up to date: it asks for the same page again and puts what
// changed in place of what was there. Without it every page works as well.
(() => {
  const calm = 15000, soonest = 1500; // ms between two looks
  const regions = () => document.querySelectorAll('[data-live]');
  if (!regions().length) return;
  const names = (page) => [...page.querySelectorAll('[data-live]')].map((region) => region.id).join();
  const state = document.querySelector('[data-live-state]');
  let timer, last = Date.now(), asking = false, again = false, failures = 0;
  const every = () => Number(document.querySelector('[data-live-every]')?.dataset.liveEvery) || calm;

  const say = (text, off) => {
    if (!state) return;
    state.hidden = false;
    state.textContent = text;
    state.classList.toggle('off', !!off);
  };

  // What a person is at must stay: half a word, what is marked to be copied, a
  // button that is being pressed.
  const busy = (region) => {
    const at = document.activeElement, marked = getSelection();
    return region.matches(':active') || !marked.isCollapsed && region.contains(marked.anchorNode) ||
      region.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && at.type !== 'checkbox';
  };
  const replace = (old, fresh) => {
    if (busy(old) || old.innerHTML === fresh.innerHTML) return;
    const open = [...old.querySelectorAll('details[open][id]')].map((d) => d.id);
    const shut = [...old.querySelectorAll('details:not([open])[id]')].map((d) => d.id);
    const ticked = new Set([...old.querySelectorAll('input:checked[value]')].map((i) => i.name + ' ' + i.value));
    const at = document.activeElement;
    const place = old.contains(at) ? [...old.querySelectorAll('a,button,input,summary')].indexOf(at) : -1;
    const node = document.adoptNode(fresh);
    for (const d of node.querySelectorAll('details[id]')) {
      if (open.includes(d.id)) d.open = true;
      if (shut.includes(d.id)) d.open = false;
    }
    for (const i of node.querySelectorAll('input[type=checkbox][value]')) i.checked = ticked.has(i.name + ' ' + i.value);
    old.replaceWith(node);
    if (place >= 0) node.querySelectorAll('a,button,input,summary')[place]?.focus({ preventScroll: true });
  };

  // A picture stays until the new one is there.
  const redraw = (page) => {
    const fresh = page.querySelectorAll('.charts source, .charts img');
    document.querySelectorAll('.charts source, .charts img').forEach((old, i) => {
      for (const name of ['srcset', 'src']) {
        const address = fresh[i]?.getAttribute(name);
        if (address && old.hasAttribute(name) && old.getAttribute(name) !== address) old.setAttribute(name, address);
      }
    });
  };

  const look = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { 'Webmon-Live': '1' }, cache: 'no-store', redirect: 'manual' });
      if (answer.type === 'opaqueredirect') { say('logged out', true); failures = 99; return; }
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      // A part that comes or goes takes the whole content with it.
      const parts = names(page) === names(document) ? regions() : [document.getElementById('main')];
      for (const old of parts) {
        const fresh = page.getElementById(old.id);
        if (fresh) replace(old, fresh);
      }
      redraw(page);
      failures = 0;
      say('live');
    } catch {
      failures++;
      say('not reached', true);
    } finally {
      asking = false;
      last = Date.now();
      plan(again && !failures ? soonest : every() * Math.min(4, 1 + failures));
      again = false;
    }
  };
  const plan = (wait) => {
    clearTimeout(timer);
    if (failures < 99) timer = setTimeout(look, wait);
  };
  const soon = () => {
    again = asking; // what happens meanwhile may not be in the answer
    if (!asking) plan(Math.max(0, soonest - (Date.now() - last)));
  };
  // What happens is told at once; while nobody looks, nothing is asked for.
  const about = document.querySelector('[data-live-asset]')?.dataset.liveAsset;
  const listens = !document.querySelector('[data-live-alone]');
  let source;
  const listen = () => {
    if (!listens || document.hidden || source) return;
    source = new EventSource('/events' + (about ? '?asset=' + encodeURIComponent(about) : ''));
    source.addEventListener('verdict', soon);
    source.addEventListener('incident', soon);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { source?.close(); source = null; clearTimeout(timer); return; }
    listen();
    soon();
  });
  listen();
  plan(every());
})();
