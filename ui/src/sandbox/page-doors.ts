/**
 * Ways to the network that a document's policy does not close: WebRTC connections, and links that
 * make the browser look up a host in advance. A frame would have both again, so a previewed page
 * gets no frames either.
 *
 * This code must hold against a page that has replaced every built-in function. So functions that
 * are used later are saved now.
 */

/** Elements that load another document or name another host. They are useless without a network. */
const CLOSED = ['iframe', 'frame', 'frameset', 'object', 'embed', 'portal', 'fencedframe', 'link', 'base'];

/** Their constructors, and interfaces that reach hosts or make elements past createElement. */
const HIDDEN = [
  'RTCPeerConnection',
  'webkitRTCPeerConnection',
  'RTCDataChannel',
  'WebTransport',
  'XSLTProcessor',
  'HTMLIFrameElement',
  'HTMLFrameElement',
  'HTMLFrameSetElement',
  'HTMLObjectElement',
  'HTMLEmbedElement',
  'HTMLFencedFrameElement',
  'HTMLLinkElement',
  'HTMLBaseElement',
];

const { apply } = Reflect;
const lower = Function.prototype.call.bind(String.prototype.toLowerCase) as (text: string) => string;
const has = Function.prototype.call.bind(Set.prototype.has) as (set: Set<string>, value: string) => boolean;
const replace = Function.prototype.call.bind(String.prototype.replace) as unknown as (
  text: string,
  pattern: RegExp,
  by: string,
) => string;
const closed = new Set(CLOSED);

/**
 * A tag starts with its name and nothing else, in HTML as in XML, where a prefix may stand before
 * it.
 */
const TAGS = new RegExp(
  `<([^\\s<>/]*:)?(${CLOSED.join('|')}|script(?=[^>]*\\bspeculationrules))(?=[\\s/>])`,
  'gi',
);

/**
 * withoutDoors renames the tags of closed elements, so that a parser makes something harmless of
 * them.
 */
export function withoutDoors(html: string): string {
  return replace(html, TAGS, '<x-$2');
}

/** Trusted Types, which TypeScript's library does not know yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: Record<string, (text: string) => string>,
  ): { createHTML(text: string): string };
}

/**
 * closePageDoors is called once, before the page is written, and returns the function that writes
 * it. The document's policy sends every other way from text to elements through here as well
 * (Trusted Types).
 */
export function closePageDoors(): (html: string) => void {
  Object.freeze(RegExp.prototype);
  for (const name of HIDDEN) Reflect.deleteProperty(globalThis, name);
  guard(Document.prototype, 'createElement', 0);
  guard(Document.prototype, 'createElementNS', 1);
  guard(DOMImplementation.prototype, 'createDocument', 1);
  guardDefine();
  const types = (globalThis as unknown as { trustedTypes?: TrustedTypes }).trustedTypes;
  types?.createPolicy('default', {
    createHTML: withoutDoors,
    createScript: (text) => text,
    createScriptURL: (text) => text,
  });
  const write = document.write.bind(document);
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
