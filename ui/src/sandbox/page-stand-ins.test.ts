import { describe, expect, it } from 'vitest';
import { keepCookie, newStorage, standIn } from './page-stand-ins';

describe('newStorage', () => {
  it('keeps texts as the browser does', () => {
    const storage = newStorage();
    storage.setItem('a', '1');
    storage.b = '2';
    expect([storage.getItem('a'), storage.b, storage.length, storage.key(1)]).toEqual(['1', '2', 2, 'b']);
    expect(storage.getItem('none')).toBeNull();
    expect(Object.keys(storage)).toEqual(['a', 'b']);
    expect('a' in storage).toBe(true);
    storage.removeItem('a');
    delete storage.b;
    expect(JSON.stringify(storage)).toBe('{}');
  });
});

describe('keepCookie', () => {
  it('keeps one of a name, and forgets what is over', () => {
    const jar = new Map<string, string>();
    keepCookie(jar, 'a=1; path=/');
    keepCookie(jar, 'b=x=y');
    keepCookie(jar, 'a=2');
    expect([...jar]).toEqual([
      ['a', '2'],
      ['b', 'x=y'],
    ]);
    keepCookie(jar, 'a=; max-age=0');
    keepCookie(jar, 'b=; expires=Thu, 01 Jan 1970 00:00:00 GMT');
    expect(jar.size).toBe(0);
  });
});

describe('standIn', () => {
  it('tells a page of its form, and whoever looks where it would have gone', () => {
    const said: string[] = [];
    standIn((text) => said.push(text));
    document.body.innerHTML = '<form action="/go"><input name="q"><button id="b">go</button></form>';
    const button = document.querySelector('button');
    let heard = 0;
    const listener = (event: Event) => {
      heard += 1;
      if (heard === 1) event.preventDefault();
    };
    document.querySelector('form')?.addEventListener('submit', listener);
    button?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    expect([heard, said.length]).toEqual([1, 0]);
    document.querySelector('form')?.requestSubmit();
    expect([heard, said]).toEqual([2, ['A form was sent to "/go": a preview reaches no server.']]);
    alert('hello');
    expect(said.at(-1)).toBe('alert: hello');
  });
});
