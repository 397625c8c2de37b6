import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import { isId, isRejection, reject } from '@daybook/kernel';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Access, Authenticator } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Route } from '../dispatch/message.js';
import { FILES, JOBS } from '../nest/tokens.js';
import { sendFile } from '../rest/files.controller.js';
import { httpRequest } from '../rest/http-request.js';
import { sendRejection } from '../rest/replies.js';
import { fileFormats } from './content.js';
import { exportOf } from './export.bindings.js';
import { listNamed, rightsMark, uploaderOfExport } from './export.job.js';
import { readExport } from './export.operations.js';

const route: Route = {
  kind: 'route',
  name: 'platform.export.download',
  title: 'Download the file of an export',
  permission: readExport.permission,
  delegated: false,
};

/** The file of an export, for who started it, as long as they would get the same rows today. */
@Controller('v1/platform/exports')
export class ExportsController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(FILES) private readonly files: Files,
    @Inject(JOBS) private readonly jobs: Jobs,
  ) {}

  @Get(':exportId/file')
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('exportId') exportId: string) {
    const access = await this.dispatcher.authorise(route, httpRequest(request, reply, this.authenticator));
    const found = isRejection(access) ? access : await this.find(access, exportId);
    if (isRejection(found)) return void sendRejection(reply, found);
    void reply.header('cache-control', 'private, no-store');
    sendFile(reply, found.manifest, found.content, found.type);
  }

  private async find(access: Access, exportId: string) {
    const job = isId(exportId) ? exportOf(await this.jobs.get(access.tenant, exportId), access.actor.id) : null;
    if (!job?.result)
      return reject('platform.export-not-found', 'There is no such file of an export.', { status: 404 });
    const { input, result } = job;
    const operation = listNamed(this.bindings, input.list);
    const rights = isRejection(operation) ? operation : rightsMark(operation, input.input, access);
    if (isRejection(rights)) return rights;
    if (rights !== result.rights) {
      return reject('platform.export-outdated', 'Your rights on this list have changed since. Export it again.');
    }
    // Only the export's own file: another export may have the same content, and other rights.
    const upload = await this.files.upload(access.tenant, result.manifest.sha256, uploaderOfExport(exportId));
    const content = upload && (await this.files.open(access.tenant, result.manifest.sha256));
    if (content) return { manifest: result.manifest, content, type: fileFormats[input.format].type };
    return reject('platform.export-not-found', 'The file of this export has been deleted. Export it again.', {
      status: 404,
    });
  }
}
