import { describe, expect, test } from 'vitest';
import { Stage } from './support/stage';

/**
 * The page of the API. A visitor's every error and every request to another origin fails the test.
 */
describe('the page of the API', () => {
  const stage = new Stage();

  test('shows every operation and carries one out', async () => {
    const visitor = await stage.visitor('Dev');
    const { page } = visitor;
    await page.goto(`${stage.server.origin}/docs`);
    const spec = (await (await fetch(`${stage.server.origin}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const operations = page.locator('.opblock');
    await operations.first().waitFor();
    expect(await operations.count()).toBe(Object.values(spec.paths).flatMap(Object.keys).length);
    await visitor.screenshot('docs');

    const create = page.locator('#operations-sessions-create-session');
    await create
      .getByRole('button', { name: /Create a session/ })
      .first()
      .click();
    await create.getByRole('button', { name: 'Try it out' }).click();
    await create.locator('textarea.body-param__text').fill('{"title": "Made on the page"}');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await create.getByRole('button', { name: 'Execute' }).click();
    const answer = await answered;
    expect(answer.status()).toBe(201);
    expect(answer.url()).toBe(`${stage.server.origin}/api/v1/sessions`);
    await create.locator('.live-responses-table', { hasText: 'Made on the page' }).waitFor();
    await visitor.screenshot('docs-tried');

    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html:not(.dark-mode)').waitFor({ state: 'attached' });
    await visitor.screenshot('docs-light');
  });
});
