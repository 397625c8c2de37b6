import { version } from '@daybook/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shown, visit } from '../../../testing/page';
import { everything, house, serve } from '../../../testing/server';

afterEach(() => vi.unstubAllGlobals());

describe('the system page', () => {
  it('says which version of Daybook runs', async () => {
    serve({
      ...house([...everything, 'platform.projection.read']),
      'GET /v1/platform/projections': { items: [] },
    });
    const { element } = await visit('/system');
    expect((await shown(element, '.head .sub span', `Daybook ${version}`)).textContent).toBe(`Daybook ${version}`);
  });
});
