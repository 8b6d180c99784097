/**
 * What a hostile page tries with the chat of a visitor who is in the room: everything that makes a browser send a request.
 * Runs in the browser, and ends when all that it began has ended.
 */

/** A function of the chat's origin; resolves to how many requests it began, and how many POSTs by `no-cors`, beacons
 * among them, whose end nobody sees. */
export const attack = `async (chat) => {
  const room = chat + '/v1/rooms/lobby';
  const fields = {
    [room + '/session']: { name: 'Forged' },
    [room + '/session/ping']: {},
    [room + '/session/messages']: { message: 'forged' },
    [chat + '/plain/lobby/join']: { name: 'Forged' },
    [chat + '/plain/lobby/send']: { message: 'forged' },
    [chat + '/plain/lobby/leave']: {},
  };
  const reading = [
    room + '/session', room + '/session/users', room + '/session/updates', room + '/session/updates?wait=1',
    room + '/session/events', room + '/history', room, chat + '/v1/admin/sessions', chat + '/plain/lobby',
    chat + '/plain/lobby/log', chat + '/plain/lobby/leave', chat + '/plain/lobby/join', chat + '/plain/lobby/send',
  ];
  let begun = 0;
  let blindPosts = 0;
  const pending = [];
  const add = (promise) => { begun++; pending.push(promise.catch(() => {})); };
  const ended = (element) => new Promise((resolve) => { element.onload = element.onerror = resolve; });
  const frame = (name) => {
    const made = document.createElement('iframe');
    made.name = name;
    document.body.append(made);
    return made;
  };
  const types = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
  let forms = 0;
  const send = async (address, type, target) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: address, enctype: type, target });
    for (const [name, value] of Object.entries(fields[address])) {
      const input = document.createElement('input');
      Object.assign(input, { type: 'hidden', name, value });
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  };
  for (const address of Object.keys(fields)) {
    const data = new URLSearchParams(fields[address]);
    for (const type of types) {
      const sink = frame('sink' + forms++);
      add(Promise.race([send(address, type, sink.name).then(() => ended(sink)), new Promise((go) => setTimeout(go, 3000))]));
      const body = type === types[1] ? new FormData() : new Blob([data.toString()], { type });
      blindPosts++;
      add(fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'include', body }));
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const body = JSON.stringify(fields[address]);
      const headers = { 'content-type': 'application/json' };
      add(fetch(address, { method, mode: 'cors', credentials: 'include', headers, body }));
    }
    add(fetch(address, { method: 'POST', mode: 'cors', credentials: 'include', body: data }));
    add(new Promise((resolve) => {
      const asking = new XMLHttpRequest();
      asking.open('POST', address);
      asking.withCredentials = true;
      asking.onloadend = resolve;
      asking.send(data);
    }));
  }
  add(fetch(room + '/session', { method: 'DELETE', credentials: 'include' }));
  for (const address of reading) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      if (method === 'POST') blindPosts++;
      add(fetch(address, { method, mode: 'no-cors', credentials: 'include' }));
    }
    add(fetch(address, { method: 'OPTIONS', credentials: 'include' }));
    for (const [tag, attribute, more] of [
      ['img', 'src'], ['script', 'src'], ['link', 'href', { rel: 'stylesheet' }], ['link', 'href', { rel: 'preload', as: 'image' }],
      ['iframe', 'src'],
    ]) {
      const element = Object.assign(document.createElement(tag), more ?? {});
      add(Promise.race([ended(element), new Promise((go) => setTimeout(go, 3000))]));
      element[attribute] = address;
      document.body.append(element);
    }
  }
  for (const address of [room + '/session/events', room + '/feed']) {
    add(new Promise((resolve) => {
      const stream = new EventSource(address, { withCredentials: true });
      stream.onerror = stream.onopen = () => { stream.close(); resolve(); };
    }));
    add(new Promise((resolve) => {
      const socket = new WebSocket(address.replace('http', 'ws'));
      socket.onclose = resolve;
      socket.onopen = () => socket.close();
    }));
  }
  // Some ends are told to nobody, as that of a frame which a policy has blocked.
  await Promise.race([Promise.all(pending), new Promise((go) => setTimeout(go, 10000))]);
  let beacons = 0;
  for (const address of Object.keys(fields)) {
    const data = new URLSearchParams(fields[address]);
    for (const body of [data, data.toString(), new Blob([data.toString()], { type: types[0] }), new FormData()]) {
      if (navigator.sendBeacon(address, body)) beacons++, blindPosts++;
    }
  }
  return { begun, beacons, blindPosts };
}`;

/** A page on which the attack runs in a frame of no origin, and which tells in \`attacked\` how it went. */
export function sandboxed(chat: string): string {
  const script = `(${attack})('${chat}').then((told) => parent.postMessage(told, '*'))`;
  const inner = `<!doctype html><body><script>${script}</script>`
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;');
  return `<!doctype html><body><script>
    globalThis.attacked = new Promise((resolve) => addEventListener('message', (event) => resolve(event.data)));
  </script><iframe sandbox="allow-scripts allow-forms" srcdoc="${inner}"></iframe>`;
}
