import { describe, expect, it } from 'vitest';
import { ApiError, createApi } from './api';
import { ByteCap } from './byte-cap';
import { inkOn, pickedColor, safeColor } from './colors';
import { parseCode, parsePasted } from './invite-code';
import { cleanName, initials } from './person-name';
import { problemOfError } from './problem-kind';
import { recentSessions, saveJoined, savedSession, sessionJoinedWith } from './saved-sessions';

const CODE = '7k3d-9xwq-m2va';

describe('parseCode', () => {
  it.each([
    ['7k3d-9xwq-m2va', CODE],
    ['7K3D9XWQM2VA', CODE],
    ['  7k3d 9xwq m2va ', CODE],
    ['7K3D–9XWQ–M2VA', CODE],
    ['oOiI-lL01-abcd', '0011-1101-abcd'],
    ['7k3d-9xwq-m2v', null],
    ['7k3d-9xwq-m2vaa', null],
    ['7k3d-9xwq-m2vu', null],
    ['', null],
    ['7k3d-9xwq-m2v!', null],
  ])('%j → %j', (text, want) => {
    expect(parseCode(text)).toBe(want);
  });
});

describe('parsePasted', () => {
  it.each([
    [CODE.toUpperCase(), { kind: 'invite', code: CODE }],
    [`https://parley.example/j/${CODE}`, { kind: 'invite', code: CODE }],
    [`Join here: http://localhost:8080/j/${CODE}?x=1 thanks`, { kind: 'invite', code: CODE }],
    ['https://parley.example/s/0a1b2c3d', { kind: 'session', id: '0a1b2c3d' }],
    ['https://parley.example/', null],
    ['/j/nonsense', null],
    ['javascript:alert(1)', null],
  ])('%j', (text, want) => {
    expect(parsePasted(text)).toEqual(want);
  });
});

describe('cleanName', () => {
  it.each([
    ['  Ada   Lovelace ', 'Ada Lovelace'],
    ['\u202Ereversed\u2066', 'reversed'],
    ['zero\u200Bwidth\uFEFF', 'zerowidth'],
    ['tab\tand\nline', 'tab and line'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['x'.repeat(5000), 'x'.repeat(40)],
    ['\uD800broken', 'broken'],
    ['Z\u0301\u0301\u0301\u0301\u0301\u0301o', 'Z\u0301\u0301\u0301o'],
    ['\u0000', ''],
  ])('%j → %j', (raw, want) => {
    expect(cleanName(raw)).toBe(want);
  });

  it('counts people’s characters, not UTF-16 units', () => {
    expect([...cleanName('😀'.repeat(50))]).toHaveLength(40);
  });

  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['', '?'],
    ['Jean Luc Picard', 'JP'],
  ])('initials of %j are %j', (name, want) => {
    expect(initials(name)).toBe(want);
  });
});

describe('colours', () => {
  it.each([['red'], ['#fff'], ['#12345g'], ['#123456;}'], [7], [null], [undefined]])(
    '%j is replaced',
    (color) => {
      expect(safeColor(color, 'seed')).toMatch(/^#[0-9a-f]{6}$/);
      expect(safeColor(color, 'seed')).toBe(safeColor(color, 'seed'));
    },
  );

  it('keeps a plain colour and finds ink that can be read on it', () => {
    expect(safeColor('#ABCDEF', 1)).toBe('#abcdef');
    expect(inkOn('#ffffff')).toBe('#0b0c10');
    expect(inkOn('#000000')).toBe('#ffffff');
  });
});

describe('pickedColor', () => {
  it('keeps one of ours and leaves anything else to the server', () => {
    expect(pickedColor('#3fa66b')).toBe('#3fa66b');
    expect(pickedColor('#123456')).toBe('');
    expect(pickedColor('')).toBe('');
  });
});

describe('ByteCap', () => {
  it('counts bytes of UTF-8, not characters', () => {
    const cap = new ByteCap(10);
    expect(cap.take('ééé')).toBe('ééé');
    expect(cap.take('abcdef')).toBe('abcd');
    expect(cap.full).toBe(true);
    expect(cap.take('g')).toBe('');
  });

  it('never cuts a character in half, and takes nothing after a cut', () => {
    const cap = new ByteCap(5);
    expect(cap.take('ab😀c')).toBe('ab');
    expect(cap.take('d')).toBe('');
  });

  it('takes exactly as much as it allows', () => {
    const cap = new ByteCap(256 * 1024);
    let total = '';
    for (let i = 0; i < 400; i++) total += cap.take('x'.repeat(1000));
    expect(total).toHaveLength(256 * 1024);
    expect(cap.full).toBe(true);
  });
});

describe('api', () => {
  const answer = (status: number, body: unknown) => () =>
    Promise.resolve(new Response(JSON.stringify(body), { status }));

  it('tells the code and detail of a problem', async () => {
    const api = createApi('', answer(410, { code: 'session_gone', detail: 'over' }) as typeof fetch);
    const error = await api.session('x', 't').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 410, code: 'session_gone', message: 'over' });
  });

  it('survives an answer that is no problem body', async () => {
    const api = createApi('', (() =>
      Promise.resolve(new Response('<html>', { status: 502 }))) as typeof fetch);
    await expect(api.config()).rejects.toMatchObject({ status: 502, code: 'http_502' });
  });

  it('calls a server that does not answer unreachable', async () => {
    const api = createApi('', (() => Promise.reject(new TypeError('x'))) as typeof fetch);
    await expect(api.config()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('sends the token as a header, never in the address', async () => {
    const calls: [string, RequestInit][] = [];
    const fetcher = (url: string, init: RequestInit) => {
      calls.push([url, init]);
      return Promise.resolve(new Response('{}'));
    };
    await createApi('', fetcher as typeof fetch).session('a/b', 'secret');
    expect(calls[0]?.[0]).toBe('/api/v1/sessions/a%2Fb');
    expect(calls[0]?.[1].headers).toMatchObject({ authorization: 'Bearer secret' });
  });

  it('fills in every part of a path', async () => {
    const calls: [string, RequestInit][] = [];
    const fetcher = (url: string, init: RequestInit) => {
      calls.push([url, init]);
      return Promise.resolve(new Response('{"role":"candidate","url":"u"}', { status: 201 }));
    };
    const made = await createApi('', fetcher as typeof fetch).renewInvite('0a', 'candidate', 'secret');
    expect(made).toEqual({ role: 'candidate', url: 'u' });
    expect(calls[0]?.[0]).toBe('/api/v1/sessions/0a/invites/candidate');
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: undefined });
  });

  it('separates the session from what only its creator gets', async () => {
    const body = { id: '0a', title: 'T', token: 't', participant: { id: 'p' }, invites: { candidate: 'l' } };
    const made = await createApi('', answer(201, body) as typeof fetch).createSession({});
    expect(made).toEqual({
      session: { id: '0a', title: 'T' },
      token: 't',
      participant: { id: 'p' },
      invites: { candidate: 'l' },
    });
  });
});

describe('problemOfError', () => {
  it.each([
    [403, 'invite', 'unknownInvite'],
    [404, 'invite', 'unknownInvite'],
    [404, 'session', 'unknownSession'],
    [401, 'session', 'removed'],
    [410, 'session', 'expired'],
    [429, 'invite', 'busy'],
    [503, 'session', 'serverAway'],
    [0, 'session', 'serverAway'],
    [418, 'session', 'unexpected'],
  ] as const)('%i for a %s is %s', (status, asked, want) => {
    expect(problemOfError(new ApiError(status, 'x', 'x'), asked)).toBe(want);
  });

  it('tells a full session from other conflicts', () => {
    expect(problemOfError(new ApiError(409, 'session_full', 'x'), 'session')).toBe('full');
    expect(problemOfError(new ApiError(409, 'last_interviewer', 'x'), 'session')).toBe('unexpected');
  });
});

describe('saved sessions', () => {
  const joined = (id: string, hours: number) => ({
    session: {
      id,
      title: id,
      status: 'active' as const,
      language: 'python',
      expires_at: new Date(Date.now() + hours * 3600_000).toISOString(),
    },
    participant: { id: 'p', name: 'Ada', role: 'candidate' as const, color: '#123456' },
    token: 't',
  });

  it('finds a session again by id and by the invite it was joined with', () => {
    saveJoined(joined('a', 1), { invite: CODE });
    expect(savedSession('a')?.token).toBe('t');
    expect(sessionJoinedWith(CODE)?.id).toBe('a');
    expect(savedSession('b')).toBeNull();
  });

  it('forgets what has expired', () => {
    saveJoined(joined('old', -1));
    saveJoined(joined('new', 1));
    expect(recentSessions().map(({ id }) => id)).toEqual(['new']);
    expect(savedSession('old')).toBeNull();
  });

  it('ignores what it cannot read', () => {
    localStorage.setItem('parley:session:x', '{broken');
    localStorage.setItem('parley:session:y', '{"id":"z"}');
    expect(savedSession('x')).toBeNull();
    expect(savedSession('y')).toBeNull();
  });
});
