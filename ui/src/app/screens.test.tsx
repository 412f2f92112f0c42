import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import type { ReactNode } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { HomePage } from '../features/home/home-page';
import { LobbyPage } from '../features/lobby/lobby-page';
import { PeopleList } from '../features/people/people-list';
import { ShareButton } from '../features/people/share-button';
import { RunButton } from '../features/run/control/run-button';
import { ApiError, type Api } from '../lib/api';
import { ConnectionBadge } from './room/top/connection-badge';
import { saveJoined, savedSession } from '../lib/saved-sessions';
import { Value } from '../lib/readable';
import type { Role } from '../lib/roles';
import { InvitePage } from './entry/invite-page';
import { shareableOf } from './room/share/shareable';
import { StatusBar } from './room/status-bar';
import { useInvites } from './room/share/use-invites';
import { Route, Routes } from 'react-router';

vi.mock('virtual:sandbox/js-worker', () => ({ default: '/js' }));
vi.mock('virtual:sandbox/python-worker', () => ({ default: '/py' }));
vi.mock('./entry/setup', () => ({ Setup: () => null }));
vi.mock('../features/editor/lazy-editor', () => ({ preloadEditor: () => undefined }));

function show(ui: ReactNode, path = '/') {
  return render(
    <MantineProvider env="test" forceColorScheme="dark">
      <MemoryRouter initialEntries={[path]}>{ui}</MemoryRouter>
    </MantineProvider>,
  );
}

const api = (over: Partial<Api> = {}): Api => ({
  // The service has not answered yet.
  config: vi.fn(() => new Promise<never>(() => undefined)),
  createSession: vi.fn(),
  session: vi.fn(),
  join: vi.fn(),
  joinOpen: vi.fn(),
  renewInvite: vi.fn(),
  changeSession: vi.fn(),
  invitation: vi.fn(),
  changeParticipant: vi.fn(),
  removeParticipant: vi.fn(),
  exportSession: vi.fn(),
  serverTime: vi.fn(),
  ...over,
});

describe('home', () => {
  const home = (over: Partial<Api> = {}) => {
    const props = {
      arrived: false,
      prefill: null,
      Chooser: () => null,
      onCreated: vi.fn(),
      onInvite: vi.fn(),
      onSession: vi.fn(),
    };
    const fake = api(over);
    show(<HomePage api={fake} {...props} />);
    return { ...props, api: fake };
  };

  it('creates a session with title, name and language', async () => {
    const { api: fake, onCreated } = home({ createSession: vi.fn().mockResolvedValue({ id: 'made' }) });
    await userEvent.type(screen.getByRole('textbox', { name: 'Title' }), 'Round 2');
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), ' Grace ');
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Language' }), 'python');
    await userEvent.click(screen.getByRole('button', { name: 'Create session' }));
    await waitFor(() => expect(onCreated).toHaveBeenCalledWith({ id: 'made' }));
    expect(fake.createSession).toHaveBeenCalledWith(
      expect.objectContaining({
        title: 'Round 2',
        language: 'python',
        creator: expect.objectContaining({ name: 'Grace' }),
      }),
    );
  });

  it('asks for a name', async () => {
    const { api: fake } = home();
    await userEvent.click(screen.getByRole('button', { name: 'Create session' }));
    expect(screen.getByRole('textbox', { name: 'Your name' }).getAttribute('aria-invalid')).toBe('true');
    expect(fake.createSession).not.toHaveBeenCalled();
  });

  it('says so when the server is away', async () => {
    home({ createSession: vi.fn().mockRejectedValue(new ApiError(0, 'unreachable', '')) });
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Grace{enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('The server does not answer');
  });

  it('joins by whatever was pasted', async () => {
    const { onInvite } = home();
    await userEvent.type(screen.getByRole('textbox', { name: 'Invite link or code' }), '7K3D9XWQM2VA{enter}');
    expect(onInvite).toHaveBeenCalledWith('7k3d-9xwq-m2va');
  });

  it('explains what an invite looks like', async () => {
    const { onInvite } = home();
    await userEvent.type(screen.getByRole('textbox', { name: 'Invite link or code' }), 'hello{enter}');
    expect(screen.getByText(/That is not an invite/)).toBeTruthy();
    expect(onInvite).not.toHaveBeenCalled();
  });
});

describe('lobby', () => {
  it('joins with a clean name and the chosen colour, and remembers them', async () => {
    const onJoin = vi.fn().mockResolvedValue(undefined);
    const { unmount } = show(<LobbyPage invitation={null} onJoin={onJoin} />);
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ada');
    await userEvent.click(screen.getByRole('radio', { name: 'Colour 3' }));
    await userEvent.click(screen.getByRole('button', { name: 'Join session' }));
    expect(onJoin).toHaveBeenCalledWith({ name: 'Ada', color: '#3fa66b' });
    unmount();
    show(<LobbyPage invitation={null} onJoin={onJoin} />);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Your name' }).value).toBe('Ada');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Colour 3' }).checked).toBe(true);
  });
});

describe('lobby colour', () => {
  it('leaves the colour to the server unless one is picked', async () => {
    const onJoin = vi.fn().mockResolvedValue(undefined);
    show(<LobbyPage invitation={null} onJoin={onJoin} />);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Automatic colour' }).checked).toBe(true);
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ada{enter}');
    expect(onJoin.mock.calls[0]?.[0].color).toBeUndefined();
    await userEvent.click(screen.getByRole('radio', { name: 'Colour 2' }));
    await userEvent.click(screen.getByRole('radio', { name: 'Automatic colour' }));
    await userEvent.click(screen.getByRole('button', { name: 'Join session' }));
    expect(onJoin.mock.calls[1]?.[0].color).toBeUndefined();
  });
});

describe('invite', () => {
  const invite = (over: Partial<Api>, code = '7k3d-9xwq-m2va') =>
    show(
      <Routes>
        <Route path="/j/:code" element={<InvitePage api={api(over)} />} />
        <Route path="/s/:id" element={<p>the room</p>} />
      </Routes>,
      `/j/${code}`,
    );

  const invitation = {
    session: '0a',
    title: 'Round 2',
    status: 'active' as const,
    role: 'candidate' as const,
    host: 'Grace',
  };
  const invited = { invitation: vi.fn().mockResolvedValue(invitation) };
  const join = async () => {
    await userEvent.type(await screen.findByRole('textbox', { name: 'Your name' }), 'Ada{enter}');
  };
  const answers = [
    [403, 'invite_invalid', 'This invite does not work'],
    [409, 'session_full', 'This session is full'],
    [410, 'session_gone', 'This session is over'],
    [429, 'rate_limited', 'Too many attempts'],
    [0, 'unreachable', 'The server does not answer'],
  ] as const;

  it('refuses what cannot be a code without asking the server', () => {
    invite({}, 'nonsense');
    expect(screen.getByRole('heading', { name: 'This invite does not work' })).toBeTruthy();
  });

  it('says what one is about to join, and as what', async () => {
    invite(invited);
    expect(await screen.findByRole('heading', { name: 'Round 2' })).toBeTruthy();
    expect(screen.getByText('Grace invites you as candidate')).toBeTruthy();
  });

  it.each(answers)('answers %i (%s) with a page before anybody types', async (status, code, title) => {
    invite({ invitation: vi.fn().mockRejectedValue(new ApiError(status, code, 'x')) });
    expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
  });

  it.each(answers)('answers %i (%s) of joining with a page', async (status, code, title) => {
    invite({ ...invited, join: vi.fn().mockRejectedValue(new ApiError(status, code, 'x')) });
    await join();
    expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
  });

  it('leads into the room, and straight back the next time', async () => {
    const joined = {
      session: { id: '0a', title: 'T', expires_at: new Date(Date.now() + 1e6).toISOString() },
      participant: { id: 'p', name: 'Ada', role: 'candidate', color: '#123456' },
      token: 't',
    };
    const { unmount } = invite({ ...invited, join: vi.fn().mockResolvedValue(joined) });
    await join();
    expect(await screen.findByText('the room')).toBeTruthy();
    unmount();
    invite({});
    expect(screen.getByText('the room')).toBeTruthy();
  });
});

describe('room parts', () => {
  it('names everybody with their role', () => {
    const base = {
      color: '#7c9cff',
      role: 'interviewer' as const,
      activity: 'active' as const,
      file: 'main',
    };
    show(
      <PeopleList
        people={[
          { id: '1', name: 'Grace', self: true, ...base },
          { id: '2', name: '<img src=x>', self: false, ...base, role: 'candidate' },
        ]}
        followed={null}
        onFollow={() => undefined}
      />,
    );
    const items = screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'));
    expect(items).toEqual(['Grace (you), interviewer, active', '<img src=x>, candidate, active']);
  });

  it('gives one link per role to copy', async () => {
    const write = vi.fn().mockResolvedValue(undefined);
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(write);
    show(
      <ShareButton
        shareable={{ kind: 'invites', invites: { candidate: 'https://x/j/c', observer: 'https://x/j/o' } }}
      />,
    );
    await user.click(screen.getByRole('button', { name: 'Share' }));
    expect(await screen.findByRole('dialog', { name: 'Invite people' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Copy candidate link' }));
    expect(write).toHaveBeenCalledWith('https://x/j/c');
    expect(screen.queryByRole('textbox', { name: 'Interviewer link' })).toBeNull();
  });

  const shareAs = (role: Role, over: Partial<Api>) => {
    const saved = saveJoined({
      session: { id: '0a', title: 'T', expires_at: new Date(Date.now() + 1e6).toISOString() },
      participant: { id: 'p', name: 'Ada', role, color: '#123456' },
      token: 't',
    });
    const fake = api(over);
    const Shared = () => {
      const shareable = shareableOf({ saved, access: 'invite', ...useInvites(fake, saved) });
      return shareable && <ShareButton shareable={shareable} />;
    };
    show(<Shared />);
    return fake;
  };

  it('makes a link anew only after saying what becomes of the old one, and keeps it', async () => {
    const renewInvite = vi
      .fn()
      .mockRejectedValueOnce(new ApiError(0, 'unreachable', ''))
      .mockResolvedValue({ role: 'candidate', url: 'https://x/j/new' });
    shareAs('interviewer', { renewInvite });
    await userEvent.click(screen.getByRole('button', { name: 'Share' }));
    await userEvent.click(await screen.findByRole('button', { name: 'New link: candidate link' }));
    expect(screen.getByText(/old candidate link cannot join/)).toBeTruthy();
    expect(renewInvite).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await userEvent.click(screen.getByRole('button', { name: 'New link: candidate link' }));
    await userEvent.click(screen.getByRole('button', { name: 'Replace the old link' }));
    expect((await screen.findByRole('alert')).textContent).toBe('The server does not answer');
    await userEvent.click(screen.getByRole('button', { name: 'Replace the old link' }));
    const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Candidate link' });
    expect(field.value).toBe('https://x/j/new');
    expect(renewInvite).toHaveBeenLastCalledWith('0a', 'candidate', 't');
    expect(savedSession('0a')?.invites).toEqual({ candidate: 'https://x/j/new' });
    expect(screen.getByRole('button', { name: 'New link: observer link' })).toBeTruthy();
  });

  it.each(['candidate', 'observer'] as const)('offers a %s without links no Share', (role) => {
    shareAs(role, {});
    expect(screen.queryByRole('button', { name: 'Share' })).toBeNull();
  });

  it('tells only those who may run where programs run', () => {
    const position = new Value({ line: 1, column: 1 });
    const { unmount } = show(<StatusBar language="javascript" position={position} readOnly />);
    expect(screen.queryByText(/runs in your browser/)).toBeNull();
    unmount();
    show(<StatusBar language="javascript" position={position} readOnly={false} />);
    expect(screen.getByText('JavaScript runs in your browser')).toBeTruthy();
  });

  it('runs while idle, stops while running, and does neither where nothing can run', async () => {
    const onRun = vi.fn();
    const onStop = vi.fn();
    const { unmount } = show(<RunButton state={{ status: 'idle' }} onRun={onRun} onStop={onStop} />);
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(onRun).toHaveBeenCalledOnce();
    unmount();
    const running = show(
      <RunButton state={{ status: 'running', waitingForInput: false }} onRun={onRun} onStop={onStop} />,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(onStop).toHaveBeenCalledOnce();
    running.unmount();
    show(<RunButton state={{ status: 'idle' }} unavailable="no" onRun={onRun} onStop={onStop} />);
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(onRun).toHaveBeenCalledOnce();
  });

  it.each([
    [{ status: 'connecting' } as const, 'Connection: Connecting…'],
    [{ status: 'live', saved: true } as const, 'Connection: Saved'],
    [{ status: 'live', saved: false } as const, 'Connection: Saving…'],
    [{ status: 'offline', retryAt: 0, saved: false, loaded: true } as const, 'Connection: Reconnecting…'],
  ])('says how it stands: %j', (state, name) => {
    show(<ConnectionBadge state={state} onRetry={() => undefined} />);
    expect(screen.getByRole('button', { name })).toBeTruthy();
  });

  it('counts down to the next try, and tries at once when asked', async () => {
    const onRetry = vi.fn();
    const retryAt = Date.now() + 4_500;
    show(
      <ConnectionBadge
        state={{ status: 'offline', retryAt, saved: false, loaded: true }}
        onRetry={onRetry}
      />,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Connection: Reconnecting in 5 s' }));
    expect(onRetry).toHaveBeenCalledOnce();
  });
});
