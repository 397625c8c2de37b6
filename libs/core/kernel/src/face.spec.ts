import * as z from 'zod';
import { face, page, pagesOf, wordsOf } from './face.js';
import { query } from './operation.js';
import { view } from './view.js';

const list = (noun: string, http: `GET /v1/${string}`) =>
  query(`stock.${noun}.list`, {
    title: `List ${noun}s`,
    http,
    permission: `stock.${noun}.read`,
    input: z.object(http.includes('{companyId}') ? { companyId: z.uuid() } : {}),
    output: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
  });
const shown = (noun: string, path: string, http: `GET /v1/${string}`, more = {}) =>
  view(list(noun, http), { path, title: noun, one: noun, icon: 'box', columns: {}, empty: 'None.', ...more });

const stock = face('stock', {
  title: 'Stock',
  icon: 'warehouse',
  views: [
    shown('item', 'items', 'GET /v1/stock/items', {
      key: 'J',
      find: { text: '{name}', person: { field: 'by', says: 'items counted by' } },
    }),
    shown('move', 'moves', 'GET /v1/stock/companies/{companyId}/moves'),
    shown('lot', 'items/lots', 'GET /v1/stock/lots'),
    page({ path: 'map', title: 'Map', icon: 'map', needs: [{ permission: 'stock.map.read', scope: 'tenant' }] }),
  ],
});

describe('the face of a context', () => {
  it('has a page for each screen whose address is one word, in its order, as plain data', () => {
    const pages = pagesOf(stock);
    expect(pages).toEqual([
      {
        ...{ title: 'item', path: 'items', icon: 'box', scoped: false, key: 'J', found: true },
        needs: [{ permission: 'stock.item.read', scope: 'tenant' }],
        byPerson: { field: 'by', says: 'items counted by' },
      },
      {
        ...{ title: 'move', path: 'moves', icon: 'box', scoped: true },
        needs: [{ permission: 'stock.move.read', scope: 'company' }],
      },
      {
        ...{ title: 'Map', path: 'map', icon: 'map', scoped: false },
        needs: [{ permission: 'stock.map.read', scope: 'tenant' }],
      },
    ]);
    expect(JSON.parse(JSON.stringify(pages))).toEqual(pages);
  });

  it('says by which first words of an address its screens are found, below a company or not', () => {
    expect([wordsOf(stock, false), wordsOf(stock, true)]).toEqual([['items', 'map'], ['moves']]);
  });
});
