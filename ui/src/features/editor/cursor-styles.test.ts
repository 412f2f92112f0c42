import { describe, expect, it } from 'vitest';
import { cssString, cursorRule } from './cursor-styles';

describe('cssString', () => {
  it.each([
    ['Ada', '"Ada"'],
    ['Ada L', '"Ada\\20 L"'],
    ['"; } body { display: none', '"\\22 \\3b \\20 \\7d \\20 body\\20 \\7b \\20 display\\3a \\20 none"'],
    ['\\', '"\\5c "'],
    ['</style>', '"\\3c \\2f style\\3e "'],
    ['é😀', '"\\e9 \\1f600 "'],
  ])('%j → %s', (text, want) => {
    expect(cssString(text)).toBe(want);
  });
});

describe('cursorRule', () => {
  it('holds one rule whatever the name is', () => {
    const rule = cursorRule(7, { name: '} * { color: red', color: '#ff0000' }, true);
    expect(rule.match(/[{}]/g)).toEqual(['{', '}']);
    expect(rule).toContain('.yRemoteSelectionHead-7 {');
    expect(rule).toContain('--flag: 1');
  });
});
