import { Readable } from 'node:stream';
import { csvForms, csvWriter, type FieldError, isId, isRejection, reject, withFormula } from '@daybook/kernel';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Route } from '../dispatch/message.js';
import { ENTITY_MANAGER } from '../nest/tokens.js';
import { httpRequest } from '../rest/http-request.js';
import { sendRejection } from '../rest/replies.js';
import { importOf } from './import.bindings.js';
import type { Import } from './import.entity.js';
import { readImport } from './import.operations.js';
import { ImportRows } from './import-rows.js';

const route: Route = {
  kind: 'route',
  name: 'platform.import.refused',
  title: 'Download the refused rows of an import',
  permission: readImport.permission,
  delegated: false,
};
const atOnce = 500;

/** With the field that it is about, as the API names it; what is said of a custom field begins with its label. */
const reasonOf = ({ pointer, message }: FieldError): string =>
  pointer === '' || pointer.startsWith('/custom/') ? message : `${pointer.slice(1)}: ${message}`;

/** The refused rows as they were, each with its reason in a last column, to be mended and imported again. */
@Controller('v1/platform/imports')
export class ImportsController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(ENTITY_MANAGER) private readonly em: EntityManager,
  ) {}

  @Get(':importId/refused')
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('importId') importId: string) {
    const access = await this.dispatcher.authorise(route, httpRequest(request, reply, this.authenticator));
    if (isRejection(access)) return void sendRejection(reply, access);
    const rows = new ImportRows(this.em);
    const none = reject('platform.import-not-found', 'There is no such import.', { status: 404 });
    const found = isId(importId) ? await importOf(rows, access.tenant, importId, access.actor.id) : none;
    if (isRejection(found)) return void sendRejection(reply, found);
    const name = `${(found.settings.file?.name ?? 'rows').replace(/\.\w+$/, '')} refused.csv`;
    void reply
      .header('cache-control', 'private, no-store')
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
      .send(Readable.from(refusedLines(rows, access.tenant, found)));
  }
}

async function* refusedLines(rows: ImportRows, tenant: string, { id, header }: Import): AsyncIterable<string> {
  const columns = [...(header?.columns ?? []), 'Reason'];
  // By place: two of one name are two.
  const writer = csvWriter(
    columns.map((_, at) => ({ name: String(at) })),
    form,
  );
  yield form.mark + writer.lines([asRow(columns)]);
  for (let after = 0; ;) {
    const page = await rows.rows(tenant, id, { states: ['refused'], after, limit: atOnce });
    const filled = (cells: readonly string[]) => columns.slice(0, -1).map((_, at) => cells[at] ?? '');
    yield writer.lines(page.map(({ cells, errors }) => asRow([...filled(cells), errors.map(reasonOf).join(' ')])));
    if (page.length < atOnce) return;
    after = page.at(-1)!.record;
  }
}
const form = { ...csvForms.plain, mark: csvForms.excel.mark };
/** Marks against formulas are put on anew, and on nothing twice. */
const asRow = (cells: readonly string[]) =>
  Object.fromEntries(cells.map((cell, at) => [String(at), withFormula(cell)]));
