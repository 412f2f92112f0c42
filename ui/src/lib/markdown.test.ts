import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown';

/** The elements that the browser makes of it, and their attributes. */
function drawn(text: string) {
  const page = new DOMParser().parseFromString(renderMarkdown(text), 'text/html');
  return [...page.body.querySelectorAll('*')];
}

describe('renderMarkdown', () => {
  it('draws what a problem statement needs', () => {
    const tags = drawn(
      '# Title\n\n1. *one* and `code`\n\n```js\nlet x;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |',
    ).map(({ tagName }) => tagName);
    for (const tag of ['H3', 'OL', 'EM', 'CODE', 'PRE', 'TABLE', 'TD']) expect(tags).toContain(tag);
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '<iframe src="https://evil.example"></iframe>',
    '<svg/onload=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '![x](javascript:alert(1))',
    '![x](https://evil.example/pixel.png)',
    '![x"onerror="alert(1)](https://evil.example/a"onload="x)',
    '[x](https://a.example/"onmouseover="alert(1))',
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    '<style>body{display:none}</style>',
    '[a]: javascript:alert(1)\n[a]',
    `${'['.repeat(2000)}x${'](https://a.example)'.repeat(2000)}`,
    `${'> '.repeat(500)}deep`,
  ])('makes nothing that acts or loads of %j', (text) => {
    for (const element of drawn(text)) {
      expect(['IMG', 'SCRIPT', 'IFRAME', 'SVG', 'STYLE', 'LINK', 'OBJECT', 'FORM']).not.toContain(
        element.tagName.toUpperCase(),
      );
      for (const { name, value } of element.attributes) {
        expect(name).toMatch(/^(href|target|rel|class|tabindex|start|title|style)$/);
        if (name === 'href') expect(value).toMatch(/^(https?:|mailto:|#)/i);
        if (name === 'style') expect(value).toMatch(/^text-align:(left|right|center)$/);
      }
    }
  });

  it('opens links apart, without telling where one comes from', () => {
    const [, anchor] = drawn('[docs](https://docs.example/a)');
    expect(anchor?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(anchor?.getAttribute('target')).toBe('_blank');
  });

  it('stops at a bound', () => {
    expect(renderMarkdown('x'.repeat(5_000_000)).length).toBeLessThan(200_000);
  });
});
