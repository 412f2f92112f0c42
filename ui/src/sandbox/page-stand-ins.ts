/**
 * A previewed page has no address, no server and no windows of its own: the browser refuses
 * storage, cookies, forms and questions, some of them by an error. These stand in for them as far
 * as a page can use them alone. say tells whoever looks at the output.
 */
export function standIn(say: (text: string) => void): void {
  for (const name of ['localStorage', 'sessionStorage']) define(globalThis, name, { value: newStorage() });
  const jar = new Map<string, string>();
  define(document, 'cookie', {
    get: () => [...jar].map(([name, value]) => (name ? `${name}=${value}` : value)).join('; '),
    set: (cookie: unknown) => keepCookie(jar, String(cookie)),
  });
  define(globalThis, 'alert', { value: (text: unknown = '') => say(`alert: ${String(text)}`) });
  define(globalThis, 'confirm', {
    value: (text: unknown = '') => {
      say(`confirm: ${String(text)} (a preview cannot ask; the answer is no)`);
      return false;
    },
  });
  define(globalThis, 'prompt', {
    value: (text: unknown = '', preset: unknown = null) => {
      say(`prompt: ${String(text)} (a preview cannot ask; the answer is ${String(preset)})`);
      return preset === null ? null : String(preset);
    },
  });
  standInForForms(say);
}

function define(owner: object, name: string, property: PropertyDescriptor): void {
  Object.defineProperty(owner, name, { configurable: true, ...property });
}

/**
 * newStorage keeps texts by name for as long as the page is shown. Names are properties as well.
 */
export function newStorage(): Storage {
  const kept = new Map<string, string>();
  const methods = {
    getItem: (name: unknown) => kept.get(String(name)) ?? null,
    setItem: (name: unknown, value: unknown) => void kept.set(String(name), String(value)),
    removeItem: (name: unknown) => void kept.delete(String(name)),
    clear: () => kept.clear(),
    key: (index: unknown) => [...kept.keys()][Number(index)] ?? null,
  };
  return new Proxy(methods as unknown as Storage, {
    get: (target, name) => {
      if (name === 'length') return kept.size;
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name) as unknown;
      return kept.get(name);
    },
    set: (_target, name, value) => {
      kept.set(String(name), String(value));
      return true;
    },
    has: (target, name) => kept.has(String(name)) || name in target,
    deleteProperty: (_target, name) => {
      kept.delete(String(name));
      return true;
    },
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (_target, name) => {
      const value = kept.get(String(name));
      return value === undefined
        ? undefined
        : { value, writable: true, enumerable: true, configurable: true };
    },
  });
}

/** keepCookie takes a cookie as a page sets it; one that is over is forgotten. */
export function keepCookie(jar: Map<string, string>, cookie: string): void {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = at < 0 ? ['', pair] : [pair.slice(0, at), pair.slice(at + 1)];
  const over = attributes.some((attribute) => {
    const [key = '', text = ''] = attribute.split('=');
    if (/^max-age$/i.test(key)) return Number(text) <= 0;
    return /^expires$/i.test(key) && Date.parse(text) <= Date.now();
  });
  if (over) jar.delete(name);
  else jar.set(name, value);
}

const SUBMIT = 'button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]';

/**
 * The frame may send no forms, and its browser does not even tell the page that one would be sent.
 */
function standInForForms(say: (text: string) => void): void {
  const send = (form: HTMLFormElement, submitter: HTMLElement | null) => {
    const lax = form.noValidate || submitter?.hasAttribute('formnovalidate');
    if (!lax && !form.reportValidity()) return;
    const event = new SubmitEvent('submit', { bubbles: true, cancelable: true, submitter });
    if (!form.dispatchEvent(event)) return;
    if (form.method === 'dialog')
      return form.closest('dialog')?.close(submitter?.getAttribute('value') ?? '');
    refuse(form);
  };
  const refuse = (form: HTMLFormElement) =>
    say(`A form was sent to "${form.getAttribute('action') ?? ''}": a preview reaches no server.`);
  addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>(SUBMIT) : null;
    if (event.defaultPrevented || !button?.form) return;
    event.preventDefault();
    if (!button.disabled) send(button.form, button);
  });
  addEventListener('keydown', (event) => {
    const { target } = event;
    if (event.key !== 'Enter' || event.defaultPrevented || !(target instanceof HTMLInputElement)) return;
    // With a button the browser presses that.
    if (target.form && !target.form.querySelector(SUBMIT)) send(target.form, null);
  });
  define(HTMLFormElement.prototype, 'requestSubmit', {
    value: function (this: HTMLFormElement, submitter: HTMLElement | null = null) {
      send(this, submitter);
    },
  });
  define(HTMLFormElement.prototype, 'submit', {
    value: function (this: HTMLFormElement) {
      refuse(this);
    },
  });
}
