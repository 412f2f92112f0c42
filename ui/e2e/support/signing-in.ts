import type { Locator } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { signIn as SIGN_IN } from '../../src/lib/texts/sign-in';
import type { Visitor } from './browser';
import type { Server } from './server';
import type { Stage } from './stage';

/** What a browser is told when nobody is signed in, and the way to the provider and back. */
export const expected = [/status of 401/, /request to elsewhere/, /status of 404/];

/** The people of the provider. */
const NAMES = { ada: 'Ada Lovelace', bob: 'Bob Kahn' } as const;

export type User = keyof typeof NAMES;

/** Somebody at a page of a server that asks for a sign-in. */
export async function arrive(stage: Stage, name: string, at: Server, path = '/'): Promise<Visitor> {
  const visitor = await stage.visitor(name, at);
  await visitor.page.goto(at.origin + path);
  onTestFinished(() => visitor.excuse(...expected));
  return visitor;
}

/** Fills in the provider's form. */
export async function atProvider({ page }: Visitor, user: User): Promise<void> {
  await page.getByLabel('Username:').fill(user);
  await page.getByLabel('Password:').fill('secret');
  await page.getByRole('button', { name: 'Login' }).click();
}

/** The button that shows who is signed in. */
export const personMenu = ({ page }: Visitor, user: User): Locator =>
  page.getByRole('button', { name: SIGN_IN.menu(NAMES[user]) });

/** Signs somebody in from the page they are on, and waits until they are back. */
export async function signIn(visitor: Visitor, user: User): Promise<void> {
  await visitor.page.getByRole('link', { name: SIGN_IN.button }).click();
  await atProvider(visitor, user);
  await personMenu(visitor, user).waitFor();
}
