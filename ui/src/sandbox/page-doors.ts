/**
 * The second wall around a previewed page. The first is the browser's: the page's headers close
 * every connection (api/client.go). Browsers that do not know all of them leave three ways open:
 * WebRTC, links that make the browser look up a host in advance, and a second document, which would
 * have both again. So a page gets none of these.
 *
 * A second document comes from an element that the page makes by name, from text that a parser
 * reads, or from the value of a `javascript:` address. Each of the three has one gate here.
 *
 * This code must hold against a page that has replaced every built-in function. So functions that
 * are used later are saved now.
 */

/** Elements that load another document or name another host. They are useless without a network. */
const CLOSED = ['iframe', 'frame', 'frameset', 'object', 'embed', 'portal', 'fencedframe', 'link', 'base'];

/** Their constructors, and interfaces that reach hosts or make elements past createElement. */
const HIDDEN =
  /^(?:webkit|moz)?RTC|^WebTransport|^WebSocketStream|^XSLT|^Fence|^fence$|^HTML(?:IFrame|Frame|FrameSet|Object|Embed|Portal|FencedFrame|Link|Base)Element$/;

const { apply } = Reflect;
const lower = Function.prototype.call.bind(String.prototype.toLowerCase) as (text: string) => string;
const has = Function.prototype.call.bind(Set.prototype.has) as (set: Set<string>, value: string) => boolean;
const replace = Function.prototype.call.bind(String.prototype.replace) as unknown as (
  text: string,
  pattern: RegExp,
  by: string | ((match: string, at: number, text: string) => string),
) => string;
const match = Function.prototype.call.bind(RegExp.prototype.exec) as (
  pattern: RegExp,
  text: string,
) => RegExpExecArray | null;
const search = Function.prototype.call.bind(String.prototype.search) as unknown as (
  text: string,
  pattern: RegExp,
) => number;
const cut = Function.prototype.call.bind(String.prototype.slice) as (
  text: string,
  from: number,
  to?: number,
) => string;
const closed = new Set(CLOSED);

/**
 * A tag starts with its name and nothing else, in HTML as in XML, where a prefix may stand before
 * it. In XML, a declaration can stand for a tag or for an attribute.
 */
const TAGS = new RegExp(`<([^\\s<>/]*:)?(${CLOSED.join('|')})(?=[\\s/>])`, 'gi');
const DECLARATIONS = /<!(ENTITY|ATTLIST)/gi;
const SCRIPT = /<(?:[^\s<>/]*:)?script(?=[\s/])/gi;
/** The start of a tag up to the value of its type. */
const TYPE = /^(?:[^>"']|"[^"]*"|'[^']*')*?[\s/"']type\s*=\s*["']?\s*([\w./+-]*)/i;
/** How far the type of a script is looked for. */
const TAG_LENGTH = 1000;

/**
 * A parser takes the first of two attributes with one name. So each script with attributes gets a
 * type of ours as its first, which is never that of rules for fetching ahead. It is the page's own
 * type, as far as that can be read. No quotes stand around it, because the tag may be in a string.
 */
function typed(tag: string, at: number, text: string): string {
  const end = at + tag.length;
  const read = match(TYPE, cut(text, end, end + TAG_LENGTH))?.[1];
  const type = read ? read : 'text/javascript';
  return `${tag} type=${lower(type) === 'speculationrules' ? 'x-none' : type} `;
}

/**
 * withoutDoors renames the tags of closed elements, so that a parser makes something harmless of
 * them, and makes XML with declarations of its own invalid.
 */
export function withoutDoors(text: string): string {
  return replace(replace(replace(text, TAGS, '<x-$2'), DECLARATIONS, '<!x-$1'), SCRIPT, typed);
}

/** The beginning of a tag whose name may go on. */
const UNFINISHED = /<[^\s<>/]*$/;

/**
 * newGate closes the doors of a text that comes in pieces, as document.write gets it. No piece that
 * it gives ends in the middle of a tag's name, because the next one could make another of it.
 */
export function newGate(): (piece: string) => string {
  let held = '';
  return (piece) => {
    const text = held + piece;
    const at = search(text, UNFINISHED);
    held = at < 0 ? '' : cut(text, at);
    return withoutDoors(at < 0 ? text : cut(text, 0, at));
  };
}

/** Where a script is evaluated for its value, or its text may be data. */
const VALUED = /^(?:eval|Function|(?:HTML|SVG)ScriptElement .*)$/;

/**
 * withoutValue makes a script give nothing. The value of a script in an address would become a new
 * document.
 */
export function withoutValue(script: string, sink: string): string {
  return search(sink, VALUED) === 0 ? script : `${script}\n;void 0`;
}

/** Trusted Types, which TypeScript's library does not know yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: Record<string, (text: string, type: string, sink: string) => string>,
  ): unknown;
}

/**
 * guardTexts makes every way from text to elements lead through withoutDoors. The document's policy
 * demands it. false: this browser does not know Trusted Types, so a script would find a way around.
 */
export function guardTexts(): boolean {
  const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createHTML: withoutDoors,
    createScript: (text, _type, sink) => withoutValue(text, sink),
    createScriptURL: (text) => text,
  });
  return trustedTypes !== undefined;
}

/**
 * closePageDoors is called once, before the page is written, and returns the function that writes
 * it.
 */
export function closePageDoors(): (html: string) => void {
  Object.freeze(RegExp.prototype);
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (HIDDEN.test(name)) Reflect.deleteProperty(globalThis, name);
  guard(Document.prototype, 'createElement', 0);
  guard(Document.prototype, 'createElementNS', 1);
  guard(DOMImplementation.prototype, 'createDocument', 1);
  guardDefine();
  const write = document.write.bind(document);
  guardWriting();
  for (const owner of [
    Element.prototype,
    ShadowRoot.prototype,
    Document,
    Document.prototype,
    Range.prototype,
  ])
    guardSetters(owner);
  guardText(Document.prototype, 'execCommand', 2);
  return (html) => write(withoutDoors(html));
}

/** guard makes a function that takes an element's name refuse the closed ones. */
function guard(owner: object, method: string, argument: number): void {
  const native = Reflect.get(owner, method) as (...args: unknown[]) => unknown;
  const guarded = function (this: unknown, ...args: unknown[]): unknown {
    // Converted to a string once, because an object could give another one the second time.
    const name = args[argument] === null ? '' : `${args[argument] as string}`;
    if (args.length > argument && args[argument] !== null) args[argument] = name;
    const colon = replace(name, /^.*:/s, '');
    if (has(closed, lower(colon)))
      throw new DOMException(`<${name}> is not available in a preview`, 'NotSupportedError');
    return apply(native, this, args);
  };
  Object.defineProperty(owner, method, { value: guarded, writable: true, configurable: true });
}

/** A custom element may extend a built-in one; not one of the closed. */
function guardDefine(): void {
  const native = Reflect.get(CustomElementRegistry.prototype, 'define');
  Object.defineProperty(CustomElementRegistry.prototype, 'define', {
    value: function define(this: CustomElementRegistry, name: string, constructor: CustomElementConstructor) {
      return apply(native, this, [name, constructor]);
    },
    writable: true,
    configurable: true,
  });
}

/** What a page writes comes in pieces. */
function guardWriting(): void {
  const native = Reflect.get(Document.prototype, 'write') as (text: string) => void;
  const gate = newGate();
  const guarded = (end: string) =>
    function (this: Document, ...pieces: unknown[]): void {
      let text = '';
      for (let at = 0; at < pieces.length; at++) text += `${pieces[at] as string}`;
      apply(native, this, [gate(text + end)]);
    };
  for (const [name, end] of [
    ['write', ''],
    ['writeln', '\n'],
  ] as const)
    Object.defineProperty(Document.prototype, name, {
      value: guarded(end),
      writable: true,
      configurable: true,
    });
}

/**
 * Methods that take HTML and clean it themselves ask no policy, and clean less than is needed here.
 * Those that take it as a stream take it in pieces.
 */
function guardSetters(owner: object): void {
  for (const name of Object.getOwnPropertyNames(owner)) {
    if (/^stream.*HTML/.test(name)) Reflect.deleteProperty(owner, name);
    else if (
      /^(?!get).*HTML$/.test(name) &&
      typeof Object.getOwnPropertyDescriptor(owner, name)?.value === 'function'
    )
      guardText(owner, name, 0);
  }
}

/** guardText makes a method take only text without doors. */
function guardText(owner: object, method: string, argument: number): void {
  const native = Reflect.get(owner, method) as ((...args: unknown[]) => unknown) | undefined;
  if (!native) return;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    if (args.length > argument) args[argument] = withoutDoors(`${args[argument] as string}`);
    return apply(native, this, args);
  };
  Object.defineProperty(owner, method, { value, writable: true, configurable: true });
}
