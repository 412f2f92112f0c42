import { describe, expect, it } from 'vitest';
import { reached, withCodeTest, withoutMark } from './code-test';

const LANGUAGES = ['javascript', 'typescript', 'python', 'ruby', 'php', 'lua', 'go', 'sql', 'pgsql'];

describe('withCodeTest', () => {
  it.each(LANGUAGES)('writes its mark behind the test in %s', (language) => {
    const whole = withCodeTest(language, 'program', 'test', 'mark-1');
    expect(whole.indexOf('program')).toBeLessThan(whole.indexOf('test'));
    expect(whole.indexOf('test')).toBeLessThan(whole.indexOf('mark-1'));
    expect(reached(language, '', 'mark-1')).toBe(false);
    // Text instead of code: the line is written as it stands.
    expect(reached(language, whole, 'mark-1')).toBe(false);
  });

  it('asks nothing of languages where a test has a main function of its own', () => {
    expect(withCodeTest('c', 'int f(void);', 'int main(void) {}', 'm')).toBe(
      'int f(void);\nint main(void) {}\n\n',
    );
    expect(reached('c', '', 'm')).toBe(true);
  });

  it('puts the test where it is code', () => {
    const ruby = withCodeTest('ruby', 'puts DATA.read\n__END__\nhello', 'raise', 'm');
    expect(ruby).toMatch(/read\n\nraise\n.*\n__END__\nhello$/s);
    expect(withCodeTest('php', '<?php f(); ?>\n', 'test();', 'm')).toContain('?>\n\n<?php\ntest();');
    expect(withCodeTest('php', '<b>?></b><?php f();', 'test();', 'm')).not.toMatch(/<\?php.*<\?php/s);
  });
});

describe('reached', () => {
  it('knows the mark as a line, and takes it out', () => {
    expect(reached('python', 'a\n\nmark-1\n', 'mark-1')).toBe(true);
    expect(reached('sql', '│ mark-1 │\n', 'mark-1')).toBe(true);
    expect(withoutMark('a\n\nmark-1\n', 'mark-1')).toBe('a\n');
    expect(withoutMark('a', 'mark-1')).toBe('a');
  });

  it('runs the marks that are JavaScript', () => {
    const written: string[] = [];
    const run = new Function(
      'console',
      withCodeTest('javascript', 'const a = 1;', 'if (a !== 1) throw a;', 'mark-1'),
    );
    run({ log: (text: string) => written.push(`${text}\n`) });
    expect(reached('javascript', written.join(''), 'mark-1')).toBe(true);
  });
});
