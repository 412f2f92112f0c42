/** Listeners that a page tries to reach. */
export interface Ears {
  /** Origin that notes requests, and one that notes connections alone. */
  origin: string;
  bare: string;
  /** Address of a listener on UDP. */
  stun: string;
}

/** A name in each page that is tried, so that a look-up tells which page did it. */
const LEAK = 'leak.example';

/** namesAmong finds names in a log of the browser's network. */
export function namesAmong(log: string): string[] {
  const found = log.matchAll(/"host":"[^"]*?([\w-]+\.leak\.example)/g);
  return [...new Set([...found].map(([, name]) => name ?? ''))];
}

/** ask sends a datagram from whatever window is called `w`. */
export function ask(stun: string): string {
  return `const p = new w.RTCPeerConnection({iceServers: [{urls: '${stun}'}]}); p.createDataChannel('x'); p.createOffer().then((o) => p.setLocalDescription(o));`;
}

const script = (code: string) => `<script>try { ${code} } catch (err) { console.log(err.name); }</script>`;
const body = (code: string) => `<body>${script(code)}`;
const XHTML = 'http://www.w3.org/1999/xhtml';

/**
 * Pages that try to bring a second document into being, which would have all functions of the
 * browser anew. Each says `all tried` when it has.
 */
export function secondDocuments({ stun }: Ears): Record<string, string> {
  const use = `const w = window[0]; if (w) { console.log('OUT a document'); ${ask(stun)} } console.log('all tried');`;
  // No tag stands in the text of these pages, so that only what they make is judged.
  const tag = `'<ifr' + 'ame></ifr' + 'ame>'`;
  const entity = (declaration: string) =>
    `const xml = '<!DOCTYPE r [' + ${declaration} + ' e "&#60;if' + 'rame xmlns=\\'${XHTML}\\'/>">]><r>&e;</r>';
    const f = new DOMParser().parseFromString(xml, 'application/xml').documentElement.firstChild;
    document.body.append(document.adoptNode(f));`;
  const bodies: Record<string, string> = {
    'an entity of XML': entity(`'<!ENTITY'`),
    'an entity of XML that no text shows': entity(`'<' + '!ENT' + 'ITY'`),
    'XHTML with a prefix': `document.body.append(document.adoptNode(new DOMParser().parseFromString('<a:ifr' + 'ame xmlns:a="${XHTML}"/>', 'application/xhtml+xml').documentElement));`,
    'an SVG document': `document.body.append(document.adoptNode(new DOMParser().parseFromString('<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><ifr' + 'ame xmlns="${XHTML}"/></foreignObject></svg>', 'image/svg+xml').documentElement));`,
    'text in two pieces': `document.write('<ifr'); document.write('ame></ifr' + 'ame>');`,
    'text in two arguments': `document.write('<', 'ifr', 'ame>');`,
    'text in two lines': `document.writeln('<'); document.write('ifr' + 'ame>');`,
    'pieces for a document aside': `const d = document.implementation.createHTMLDocument(''); d.write('<body><ifr'); d.write('ame>'); document.body.append(document.adoptNode(d.querySelector('iframe')));`,
    'text of an element': `document.body.innerHTML = ${tag};`,
    'text beside an element': `document.body.insertAdjacentHTML('beforeend', ${tag});`,
    'text without safety': `document.body.setHTMLUnsafe(${tag});`,
    'text of a shadow': `const h = document.createElement('div'); document.body.append(h); h.attachShadow({mode: 'open'}).setHTMLUnsafe(${tag});`,
    'a declared shadow': `document.body.setHTMLUnsafe('<div><template shadowrootmode=open>' + ${tag} + '</template></div>');`,
    'a document of text': `document.body.append(document.adoptNode(Document.parseHTMLUnsafe(${tag}).querySelector('iframe')));`,
    'a range': `document.body.append(document.createRange().createContextualFragment(${tag}));`,
    'a command of the editor': `document.designMode = 'on'; document.execCommand('selectAll'); document.execCommand('insertHTML', false, ${tag});`,
    'a name with a prefix': `document.body.append(document.createElementNS('${XHTML}', 'x:ifr' + 'ame'));`,
    'a document by its root': `document.body.append(document.adoptNode(document.implementation.createDocument('${XHTML}', 'ifr' + 'ame').documentElement));`,
    'an element of a class': `customElements.define('x-f', class extends (globalThis.HTMLIFrameElement ?? HTMLElement) {}, {extends: 'ifr' + 'ame'}); document.body.append(document.createElement('ifr' + 'ame', {is: 'x-f'}));`,
    'a text that changes': `let n = 0; const o = {toString: () => (n++ ? ${tag} : 'x')}; document.body.innerHTML = o; n = 0; document.write(o); n = 0; document.body.setHTML?.(o);`,
    'a name that changes': `let n = 0; document.body.append(document.createElement({toString: () => (n++ ? 'ifr' + 'ame' : 'b')}));`,
    'functions replaced': `const { replace, search } = String.prototype; String.prototype.replace = () => ${tag}; RegExp.prototype.exec = () => null; String.prototype.search = () => -1; document.body.innerHTML = ${tag}; document.write('<ifr', 'ame>'); Object.assign(String.prototype, { replace, search });`,
    'a style sheet of XML': `new XSLTProcessor();`,
    'no window at all': `const w = window; ${ask(stun)}`,
  };
  const pages: Record<string, string> = {};
  for (const [name, code] of Object.entries(bodies)) pages[name] = body(code) + body(use);
  const late = `<script>console.log('first'); setTimeout(() => { document.open(); document.write('<body><ifr'); document.write('ame>'); document.close(); ${use} });</script>`;
  return {
    ...pages,
    'text that goes on in the page': `<body><script>document.write('<ifr')</script>ame id=x>${script(use)}`,
    'text after the page': late,
  };
}

/** Pages that go elsewhere. The browser says of each that it has stopped it. */
export function journeys({ origin, stun }: Ears): Record<string, string> {
  const inner = JSON.stringify(`<script>const w = window; ${ask(stun)}</script>`).replace(
    /script/g,
    'scr" + "ipt',
  );
  const go: Record<string, string> = {
    address: `location = '${origin}/address'`,
    name: `location = 'http://name.${LEAK}/'`,
    'name without history': `location.replace('http://replaced.${LEAK}/')`,
    'name by the history': `navigation.navigate('http://navigated.${LEAK}/')`,
    link: `const a = document.createElement('a'); a.href = 'http://linked.${LEAK}/'; a.ping = '${origin}/ping'; document.body.append(a); a.click()`,
    'text of an address': `location = 'data:text/html,' + encodeURIComponent(${inner})`,
    'text of a blob': `location = URL.createObjectURL(new Blob([${inner}], {type: 'text/html'}))`,
    'XML of a blob': `location = URL.createObjectURL(new Blob(['<x xmlns="${XHTML}">' + ${inner} + '</x>'], {type: 'application/xhtml+xml'}))`,
  };
  const pages: Record<string, string> = {};
  for (const [name, code] of Object.entries(go))
    pages[name] = `<body><script>addEventListener('load', () => { ${code}; });</script>`;
  const refresh = `<meta http-equiv="refresh" content="0;url=http://refreshed.${LEAK}/">`;
  return { ...pages, 'a refresh': `${refresh}<script></script>` };
}

/** What markup and style can name, in one page. Without a script, and with one. */
export function markup({ origin, bare, stun }: Ears): string {
  const at = (path: string) => `${origin}/${path}`;
  return `<!doctype html><html manifest="${at('manifest')}"><head><base href="${origin}/">
<meta http-equiv="x-dns-prefetch-control" content="on"><meta http-equiv="link" content="<${at('m')}>; rel=preload; as=script">
<meta http-equiv="Content-Security-Policy" content="report-uri ${at('report')}; img-src 'none'">
${['preconnect', 'dns-prefetch', 'prefetch', 'prerender', 'modulepreload', 'manifest', 'icon', 'stylesheet', 'preload" as="image'].map((rel, n) => `<link rel="${rel}" href="${at(`link${n}`)}"><link rel="${rel}" href="http://link${n}.${LEAK}">`).join('\n')}
<link rel="preconnect" href="${bare}">
<style>@import "${at('i')}"; @import url(${at('i2')}) layer(x); @font-face { font-family: x; src: url(${at('font')}); }
* { background: url(${at('b')});
cursor: url(${at('c')}), auto;
mask: url(${at('m#a')}); filter: url(${at('f#a')});
list-style: url(${at('l')}); border-image: url(${at('bi')});
font-family: x; }
p::after { content: image-set("${at('is')}" 1x); } p::before { content: url(http://style.${LEAK}/); }</style></head>
<body background="${at('bg')}"><p>page</p><img src="${at('1')}" srcset="${at('2')} 2x" attributionsrc="${at('a')}"><picture><source srcset="${at('4')}"><img></picture>
<video poster="${at('5')}" src="${at('6')}"><track default src="${at('7')}"></video><audio src="${at('8')}" autoplay></audio><input type="image" src="${at('9')}">
<svg><image href="${at('10')}"/><use href="${at('11')}#a"/><filter id="f"><feImage href="${at('12')}"/></filter><rect filter="url(#f)" width="9" height="9"/></svg>
<math><mi href="${at('20')}">x</mi></math><iframe src="${at('27')}"></iframe><iframe srcdoc="<script>const w = window; ${ask(stun)}</script>"></iframe>
<object data="${at('28')}"></object><embed src="${at('29')}"><a href="http://anchor.${LEAK}/">x</a><img src="rel.png"></body></html>`;
}
