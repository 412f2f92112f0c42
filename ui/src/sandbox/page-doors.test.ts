import { describe, expect, it } from 'vitest';
import { asksForScript } from './asks-for-script';
import { newGate, withoutDoors, withoutValue } from './page-doors';

describe('withoutDoors', () => {
  it.each([
    '<iframe src="x">',
    '<IFRAME/srcdoc="<script>1</script>">',
    '<link rel=dns-prefetch href=//x.example>',
    '<html:iframe xmlns:html="http://www.w3.org/1999/xhtml">',
    '<object data=x><embed src=y><frameset><frame>',
    '<base href="//x.example">',
    '<svg><foreignObject><iframe></foreignObject></svg>',
  ])('leaves nothing of %s', (html) => {
    const page = new DOMParser().parseFromString(withoutDoors(html), 'text/html');
    const found = page.querySelectorAll('iframe, link, object, embed, frame, frameset, base');
    expect([...found].map((element) => element.tagName)).toEqual([]);
  });

  it('leaves everything else as it is', () => {
    const html =
      '<p class="frame">links &lt;iframe> <b>x</b></p><script>const link = 1;</script><linked></linked>';
    expect(withoutDoors(html)).toBe(html);
  });
});

describe('withoutDoors in a script', () => {
  const typeOf = (html: string) =>
    new DOMParser().parseFromString(withoutDoors(html), 'text/html').querySelector('script')?.type;

  it.each([
    '<script type="speculationrules">{}</script>',
    '<script data-a=">" type="speculationrules">{}</script>',
    '<script type="speculation&#114;ules">{}</script>',
    '<script/type=SpeculationRules>{}</script>',
    '<script type=" speculationrules ">{}</script>',
    `<p title="<script type='x"><script a='\n' type=speculationrules>{}</script>`,
    `<script a="${'x'.repeat(2000)}" type=speculationrules>{}</script>`,
    '<script data-type="module" type\n=\n"speculationrules">{}</script>',
    '<script type="&#115;peculationrules" type="module">{}</script>',
  ])('leaves no rules of %s', (html) => {
    expect(typeOf(html)).not.toMatch(/^\s*speculationrules\s*$/i);
  });

  it.each([
    ['<script>1</script>', ''],
    ['<script async>1</script>', 'text/javascript'],
    ['<script type="module">1</script>', 'module'],
    ['<script src="data:," type=module>1</script>', 'module'],
    ["<script type='importmap'>{}</script>", 'importmap'],
    ['<script id="a" type="text/x-template">x</script>', 'text/x-template'],
  ])('keeps the type of %s', (html, type) => {
    expect(typeOf(html)).toBe(type);
  });

  it('leaves a tag in a string of a script whole', () => {
    const code = `'<script id="a">'`;
    expect((0, eval)(withoutDoors(code))).toContain('id="a"');
  });

  it('has no attributes by declaration in XML', () => {
    const xml = withoutDoors(
      '<!DOCTYPE script [<!ATTLIST script type CDATA "speculationrules">]><script>{}</script>',
    );
    const page = new DOMParser().parseFromString(xml, 'application/xml');
    expect(page.documentElement.getAttribute('type')).toBeNull();
  });
});

describe('newGate', () => {
  it('leaves nothing of a closed tag, wherever it is cut in two or three', () => {
    const html = '<p>a</p><iframe src="x"></iframe>< b <object data=x>';
    for (let one = 0; one <= html.length; one++)
      for (let two = one; two <= html.length; two++) {
        const gate = newGate();
        const text = [html.slice(0, one), html.slice(one, two), html.slice(two)].map(gate).join('');
        expect(text).toBe(withoutDoors(html));
      }
  });

  it('lets pieces of other tags through', () => {
    const gate = newGate();
    expect(['<tab', 'le><tr', '><td class="', 'a">1 < 2'].map(gate).join('')).toBe(
      '<table><tr><td class="a">1 < 2',
    );
  });
});

describe('withoutDoors in XML', () => {
  it('leaves no entity that could stand for a tag', () => {
    const xml = withoutDoors('<!DOCTYPE r [<!ENTITY e "&#60;iframe/>">]><r>&e;</r>');
    const page = new DOMParser().parseFromString(xml, 'application/xml');
    expect(page.querySelector('iframe')).toBeNull();
  });
});

describe('withoutValue', () => {
  it('makes an address give nothing, and leaves what has a value or is data', () => {
    for (const code of ['"<p>"', '"<p>" // x', 'for (;0;)'])
      expect((0, eval)(withoutValue(code, 'Location href'))).toBeUndefined();
    for (const sink of ['eval', 'Function', 'HTMLScriptElement text', 'SVGScriptElement textContent'])
      expect(withoutValue('{"imports":{}}', sink)).toBe('{"imports":{}}');
  });
});

describe('asksForScript', () => {
  it.each([
    '<script>1</script>',
    '<p onclick="x()">',
    '<a href=javascript:x()>',
    '<form>',
    '<a href="#top">',
  ])('says so of %s', (html) => expect(asksForScript(html)).toBe(true));

  it('says no of a page that only shows something', () => {
    expect(asksForScript('<h1>Hi</h1><img src="data:image/png;base64,aaaa"><a href="x.html">x</a>')).toBe(
      false,
    );
  });
});
